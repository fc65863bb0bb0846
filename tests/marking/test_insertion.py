"""A line more in a constitution's YAML, and not a character less."""

import textwrap

import pytest

from primum.documents import parse_yaml
from primum.errors import UserError
from primum.marking.insertion import with_exemplar_file
from tests.marking.samples import YAML

NAME = "exemplars/clinic-kind-marks.jsonl"
HEAD = "name: c\nobjectives:\n"
OTHER = "  - name: useful\n    definition: Be useful.\n"


def added(text, objective="kind", name=NAME):
    changed = with_exemplar_file(text, objective, name, "c.yaml")
    found = parse_yaml(changed, "c.yaml").data["objectives"]
    (listed,) = [one["exemplars"] for one in found if one["name"] == objective]
    return changed, listed


def lines_added(before, after):
    """The new lines, where no other line has changed."""
    kept = iter(after.split("\n"))
    new = []
    for line in before.split("\n"):
        for found in kept:
            if found == line:
                break
            new.append(found)
    return [*new, *kept]


@pytest.mark.parametrize(
    "exemplars",
    [
        "- a.jsonl   # by hand\n# more to come\n",
        "- a.jsonl\n- prompt: p\n  better: b\n  worse: w  # truly\n",
        "- a.jsonl\n- prompt: p\n  better: b\n  worse: |\n    w\n\n    v\n\n\n",
        "- a.jsonl\n- {prompt: p, better: b,\n   worse: w}   # here\n",
        "- a.jsonl\n- prompt: p\n  better: b\n  worse: two\n    lines\n",
    ],
)
@pytest.mark.parametrize("indent", ["    ", "      "])
@pytest.mark.parametrize("last", [False, True])
def test_a_list_gets_one_line(exemplars, indent, last):
    listed = textwrap.indent(exemplars, indent)
    text = f"{HEAD}  - name: kind\n    definition: Be kind.\n    exemplars:\n{listed}"
    text = text if last else text + "\n  # The next.\n" + OTHER
    changed, listed = added(text)
    assert listed[0] == "a.jsonl"
    assert listed[-1] == NAME
    (line,) = lines_added(text, changed)
    assert line.strip() == f"- {NAME}"


def test_an_objective_without_exemplars_gets_the_key():
    text = f"{HEAD}  - name: kind\n    definition: >-\n      Be\n      kind.\n  # Next.\n{OTHER}"
    changed, listed = added(text)
    assert lines_added(text, changed) == [f"    exemplars: [{NAME}]"]
    changed, listed = added(f"{HEAD}{OTHER}".rstrip("\n"), "useful")
    assert listed == [NAME]
    assert changed.endswith(f"Be useful.\n    exemplars: [{NAME}]\n")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a.jsonl   # by hand", f"[a.jsonl, {NAME}]   # by hand"),
        ('"a, b.jsonl"', f'["a, b.jsonl", {NAME}]'),
        ("a, b.jsonl", f"['a, b.jsonl', {NAME}]"),
        ("[a.jsonl,  # one\n      b.jsonl]", f"[a.jsonl,  # one\n      b.jsonl, {NAME}]"),
        ("[ ]", f"[{NAME} ]"),
        ("[a.jsonl, ]", f"[a.jsonl, {NAME}, ]"),
    ],
)
def test_a_name_or_a_list_in_brackets_gets_one_more(written, expected):
    text = f"{HEAD}  - name: kind\n    exemplars: {written}\n    definition: Be kind.\n{OTHER}"
    assert added(text)[0] == text.replace(written, expected)


def test_comments_and_layout_of_a_real_file_stay():
    for objective in ("harmless", "helpful"):
        changed, listed = added(YAML, objective)
        assert listed[-1] == NAME
        taken_out = changed.replace(f"      - {NAME}\n", "")
        taken_out = taken_out.replace(
            f"[exemplars/harmless.jsonl, {NAME}]", "exemplars/harmless.jsonl"
        )
        assert taken_out == YAML


def test_a_name_that_is_there_is_not_added_again():
    once, _ = added(YAML, "harmless")
    assert added(once, "harmless")[0] == once


def test_a_name_that_yaml_would_read_otherwise_is_quoted():
    assert added(YAML, "helpful", "exemplars/it's: 1.jsonl")[1][-1] == "exemplars/it's: 1.jsonl"


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (f"{HEAD}  - {{name: kind, definition: Be kind.}}\n{OTHER}", ["kind"]),
        (
            f"{HEAD}  - name: kind\n    definition: d\n    exemplars: >-\n      a.jsonl\n{OTHER}",
            ["kind"],
        ),
        (
            f"{HEAD}  - name: kind\n    exemplars: &e\n      - a.jsonl\n"
            "  - name: useful\n    exemplars: *e\n",
            ["kind", "useful"],
        ),
        (
            f"{HEAD}  - &k\n    name: kind\n    exemplars: [a.jsonl]\n"
            "  - <<: *k\n    name: useful\n",
            ["kind", "useful"],
        ),
    ],
)
def test_what_cannot_be_added_to_is_told(text, refused):
    for objective in refused:
        with pytest.raises(UserError, match=r"add the entry .* to their list by hand"):
            added(text, objective)
    for objective in {"kind", "useful"} - set(refused):
        assert NAME in added(text, objective)[1]
