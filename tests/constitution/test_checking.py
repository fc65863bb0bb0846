"""The check finds each thing that its page promises, and says where."""

import json

import pytest
import yaml
from typer.testing import CliRunner

from primum.cli.main import app
from primum.constitution import Constitution, check_constitution, length_auc
from primum.errors import UserError

FULL = {1: "poor", 4: "weak", 7: "fine", 10: "best"}


def exemplar(at, better="Yes, this way.", worse="No, not that way."):
    return {"prompt": f"Question {at}?", "better": f"{better} {at}", "worse": f"{worse} {at}"}


def even(count=60):
    """Exemplars in which each side is the longer one in turn."""
    sides = ("A short one.", "A side that is rather longer than it.")
    return [exemplar(at, sides[at % 2], sides[1 - at % 2]) for at in range(count)]


def findings(*objectives):
    content = [
        {"name": f"o{at}", "definition": "Be so.", "rubric": FULL, "exemplars": even(), **more}
        for at, more in enumerate(objectives)
    ]
    return check_constitution(Constitution.model_validate({"name": "c", "objectives": content}))


def only(found):
    [finding] = found
    return finding


def test_a_sound_constitution_has_no_findings():
    assert findings({}, {"exemplars": [{**e, "prompt": "Other"} for e in even(1)] + even()}) == ()


def test_a_repeated_exemplar_is_an_error_whatever_its_spaces():
    again = {key: f"  {text.upper()} " for key, text in even()[3].items()}
    found = only(findings({"exemplars": [*even(), again]}, {}))
    assert (found.severity, found.objective) == ("error", "o0")
    assert "exemplar 61" in found.message
    assert "repeats exemplar 4" in found.message


def test_opposite_sides_within_an_objective_are_an_error():
    one = even()[3]
    turned = {**one, "better": one["worse"], "worse": one["better"]}
    found = only(findings({"exemplars": [*even(), turned]}, {"exemplars": even(120)[60:]}))
    assert found.severity == "error"
    assert "says the opposite of exemplar 4" in found.message


def test_opposite_sides_of_two_objectives_are_a_warning():
    one = {"prompt": "Shared?", "better": "A short one.", "worse": "An equal one."}
    turned = {**one, "better": one["worse"], "worse": one["better"]}
    found = only(findings({"exemplars": [*even(), one]}, {"exemplars": [turned, *even()]}))
    assert (found.severity, found.objective) == ("warning", "o1")
    assert "prefers what exemplar 61 of 'o0' rejects" in found.message


def test_the_same_prompt_with_other_texts_is_a_warning():
    other = {"prompt": "question 3?", "better": "Quite another.", "worse": "And one more."}
    found = only(findings({"exemplars": [*even(), other]}, {}))
    assert found.severity == "warning"
    assert "has the prompt of exemplar 4" in found.message


def test_length_that_decides_is_found_in_both_directions():
    sides = ("A short one.", "A side that is rather longer than it.")
    for worse, better, word in ((*sides, "longer"), (*sides[::-1], "shorter")):
        rows = [exemplar(at, better, worse) for at in range(60)]
        found = only(findings({"exemplars": rows}, {"exemplars": even(120)[60:]}))
        assert f"mostly the {word} one" in found.message


def test_one_exemplar_that_length_decides_is_named():
    long = {"prompt": "Long?", "better": "Word. " * 60, "worse": "Short."}
    found = only(findings({"exemplars": [*even(), long]}, {}))
    assert "exemplar 61 ('Long?') is decided by length" in found.message


@pytest.mark.parametrize(("count", "words"), [(0, "too few"), (9, "too few"), (10, "a weak probe")])
def test_few_exemplars(count, words):
    found = only(findings({"exemplars": even(count)}, {}))
    assert f"{count} exemplars" in found.message
    assert words in found.message


@pytest.mark.parametrize(
    ("rubric", "words"),
    [
        ({}, ["there is no rubric"]),
        ({1: "a", 4: "b", 7: "c"}, ["does not say what 10 means"]),
        ({1: "a", 10: "b"}, ["hole between 1 and 10"]),
        ({4: "a"}, ["what 1 means", "what 10 means"]),
    ],
)
def test_rubric_holes(rubric, words):
    found = findings({"rubric": rubric}, {})
    assert len(found) == len(words)
    assert all(word in finding.message for word, finding in zip(words, found, strict=True))


def test_length_auc_by_hand():
    made = Constitution.model_validate(
        {
            "name": "c",
            "objectives": [
                {"name": "a", "definition": "d", "exemplars": [
                    {"prompt": "p", "better": "xxx", "worse": "x"},
                    {"prompt": "q", "better": "xx", "worse": "xxx "},
                ]},
                {"name": "b", "definition": "d"},
            ],
        }
    )  # fmt: skip
    # 3>1, 3<4, 2>1, 2<4.
    assert length_auc(made.objectives[0].exemplars) == 0.5
    assert length_auc(()) is None


def write(tmp_path, *objectives):
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump({"name": "mine", "objectives": list(objectives)}))
    return str(file)


def test_the_command_fails_on_errors_alone(tmp_path):
    rows = even()
    (tmp_path / "e.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    good = {"definition": "d", "rubric": FULL, "exemplars": "e.jsonl"}
    file = write(tmp_path, {"name": "a", **good}, {"name": "b", **good, "rubric": {}})
    done = CliRunner().invoke(app, ["constitution", "check", file])
    assert done.exit_code == 0
    assert "warning: b: there is no rubric" in done.output
    assert "a: 60 exemplars, AUC of length 0.5" in done.output
    assert "mine: 0 errors, 1 warnings" in done.output
    bad = {**good, "exemplars": ["e.jsonl", rows[0]]}
    done = CliRunner().invoke(
        app, ["constitution", "check", write(tmp_path, {"name": "a", **bad}, {"name": "b", **good})]
    )
    assert done.exit_code == 2
    assert "error: a: exemplar 61" in done.output


def test_a_missing_side_is_a_user_error(tmp_path):
    half = [{"prompt": "p", "better": "b"}]
    file = write(
        tmp_path,
        {"name": "a", "definition": "d", "exemplars": half},
        {"name": "b", "definition": "d"},
    )
    done = CliRunner().invoke(app, ["constitution", "check", file])
    assert isinstance(done.exception, UserError)
    assert "no 'worse'" in str(done.exception)


def test_show_names_objectives_in_order():
    done = CliRunner().invoke(app, ["constitution", "show", "medical"])
    assert done.exit_code == 0
    places = [done.output.index(f"\n{at}. {name}\n") for at, name in enumerate(
        ("harmless", "honest", "helpful"), start=1)]  # fmt: skip
    assert places == sorted(places)
    assert "Exemplars: 60 on 60 topics" in done.output
