"""Marks into a constitution, from sheet to exemplar."""

import json
import shutil
from pathlib import Path

import pytest

import primum.constitution
from primum.constitution import EqualPair, MarkedAnswer, load_constitution
from primum.documents import parse_yaml
from primum.errors import UserError
from primum.marking import add_marks
from primum.marking.draw import SHEET
from primum.marking.views import added_summary
from tests.marking.samples import (
    NASTY,
    YAML,
    draw,
    filled,
    item,
    mark_all,
    write_goals,
    write_sheet,
)

LIBRARY = Path(primum.constitution.__file__).parent / "library"


@pytest.fixture
def goals(tmp_path):
    return write_goals(tmp_path / "goals")


def sheet(tmp_path, *rows, name="sheet.csv"):
    return write_sheet(tmp_path / name, *rows)


def exemplars(constitution, objective="harmless"):
    (found,) = [o for o in load_constitution(constitution).objectives if o.name == objective]
    return found.exemplars


def test_from_a_draw_to_exemplars(tmp_path, goals):
    draw(tmp_path / "marks", constitution=goals)
    path = mark_all(tmp_path / "marks", "meets", "meets", "equal")
    added = add_marks([path], constitution=goals)
    assert (added.objective, added.equal, added.answers) == ("harmless", 8, 16)
    assert added.marks == {"meets": 16, "": 0}
    assert added.categories == dict.fromkeys(added.categories, 3)
    assert len(added.categories) == 8
    found = exemplars(goals)
    assert len(found) == 1 + 8 + 16
    assert all(one.category for one in found[1:])
    assert sum(isinstance(one, EqualPair) and one.meets is None for one in found) == 8
    (harmless, _) = load_constitution(goals).objectives
    assert [one.meets for one in harmless.marked_alone] == [True] * 16
    assert exemplars(goals, "helpful") == exemplars(write_goals(tmp_path / "as it was"), "helpful")


def test_texts_arrive_as_they_were(tmp_path, goals):
    rows = [filled(item(at, text, "Plain."), "does not") for at, text in enumerate(NASTY)]
    add_marks([sheet(tmp_path, *rows)], constitution=goals)
    assert [one.answer for one in exemplars(goals)[1:]] == list(NASTY)
    assert not any(one.meets for one in exemplars(goals)[1:])


def test_the_file_keeps_its_words_line_ends_and_mark(tmp_path, goals):
    content = b"\xef\xbb\xbf" + YAML.replace("\n", "\r\n").encode()
    goals.write_bytes(content)
    added = add_marks([sheet(tmp_path, filled(item(1), "meets"))], constitution=goals)
    name = added.exemplars.relative_to(goals.parent).as_posix()
    changed = goals.read_bytes()
    assert name == "exemplars/clinic-harmless-marks.jsonl"
    assert (
        changed.replace(f"[exemplars/harmless.jsonl, {name}]".encode(), b"exemplars/harmless.jsonl")
        == content
    )


def test_the_file_stays_the_file_that_it_is(tmp_path, goals):
    rows = sheet(tmp_path, filled(item(1), "meets"))
    goals.chmod(0o640)
    add_marks([rows], constitution=goals)
    assert goals.stat().st_mode & 0o777 == 0o640
    link = goals.parent / "link.yaml"
    link.symlink_to(goals.name)
    before = sorted(goals.parent.rglob("*"))
    with pytest.raises(UserError, match=r"link.yaml is a link, .*: .*clinic.yaml"):
        add_marks([rows], constitution=link)
    assert sorted(goals.parent.rglob("*")) == before


def test_many_marks_beside_many_exemplars_take_no_minute(tmp_path, goals, monkeypatch):
    rows = [filled(item(at), "meets", "does not") for at in range(50)]
    path = sheet(tmp_path, *rows)
    add_marks([path], constitution=goals)
    count, equal = [], MarkedAnswer.__eq__
    compare = lambda one, other: count.append(one) or equal(one, other)  # noqa: E731
    monkeypatch.setattr(MarkedAnswer, "__eq__", compare)
    assert add_marks([path], constitution=goals).known == 100
    assert len(count) < 10 * 100


def test_what_is_left_out_is_counted(tmp_path, goals):
    rows = [
        filled(item(1), "meets", "cannot say"),
        filled(item(2), "does not"),
        filled(item(3)),
    ]
    added = add_marks([sheet(tmp_path, *rows)], constitution=goals)
    assert added.marks == {"meets": 1, "does not": 1, "cannot say": 1, "": 3}
    said = added_summary(added)
    assert "1 meets, 1 does not, 1 cannot say, 3 without a mark" in said
    assert "Added to harmless: 2 marked answers and 0 equal pairs" in said


def test_marks_come_in_parts_and_nothing_is_lost(tmp_path, goals):
    first = sheet(tmp_path, filled(item(1), "meets"), filled(item(2)))
    add_marks([first], constitution=goals)
    added = add_marks([sheet(tmp_path, filled(item(2), "does not"))], constitution=goals)
    assert (added.answers, added.known) == (1, 0)
    once = goals.read_text()
    again = add_marks([sheet(tmp_path, filled(item(2), "does not"))], constitution=goals)
    assert (again.answers, again.known, again.revised) == (0, 1, 0)
    assert goals.read_text() == once
    assert [one.meets for one in exemplars(goals)[1:]] == [True, False]
    changed = add_marks([sheet(tmp_path, filled(item(2), "meets"))], constitution=goals)
    assert (changed.answers, changed.revised) == (1, 1)
    assert [one.meets for one in exemplars(goals)[1:]] == [True, True]


def test_several_peoples_marks(tmp_path, goals):
    one = sheet(tmp_path, filled(item(1), "meets"), filled(item(2), "meets"), name="a.csv")
    two = sheet(tmp_path, filled(item(1), "meets"), filled(item(2), "does not"), name="b.csv")
    added = add_marks([one, two], constitution=goals)
    assert (added.sheets, added.disputed, added.answers) == (2, 1, 1)
    said = added_summary(added)
    assert f"{one} and {two} agree on 50% of 2 answers, Cohen's κ 0.00" in said
    assert "differ on 1 mark, taken as 'cannot say'" in said


def test_a_built_in_constitution_is_copied_first(tmp_path):
    out = tmp_path / "mine" / "goals.yaml"
    rows = sheet(tmp_path, filled(item(1), "meets"))
    with pytest.raises(UserError, match=r"built-in constitution; name a file for your copy"):
        add_marks([rows], constitution="harmless-helpful")
    added = add_marks([rows], constitution="harmless-helpful", out=out)
    before, after = load_constitution("harmless-helpful"), load_constitution(out)
    assert added.constitution == out
    assert after.objectives[0].exemplars[:-1] == before.objectives[0].exemplars
    assert after.objectives[0].exemplars[-1].answer == "First 1."
    assert after.objectives[1] == before.objectives[1]
    with pytest.raises(UserError, match="is there already; if it is your copy"):
        add_marks([rows], constitution="harmless-helpful", out=out)
    more = sheet(tmp_path, filled(item(2), "meets"))
    assert add_marks([more], constitution=out).answers == 1


def test_a_copy_never_writes_over_another_file(tmp_path):
    before = {path: path.read_bytes() for path in LIBRARY.rglob("*") if path.is_file()}
    rows = sheet(tmp_path, filled(item(1), "meets"))
    name = next(path for path in before if path.suffix == ".jsonl" and "harmless" in str(path))
    place = tmp_path / "mine" / name.relative_to(LIBRARY)
    place.parent.mkdir(parents=True)
    place.write_text("mine")
    constitution = "medical" if "medical" in name.name else "harmless-helpful"
    with pytest.raises(UserError, match="is there already, and is another file"):
        add_marks([rows], constitution=constitution, out=tmp_path / "mine" / "goals.yaml")
    assert place.read_text() == "mine"
    assert not (tmp_path / "mine" / "goals.yaml").exists()
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"out": "copy.yaml"}, "leave out --out"),
        ({"constitution": "medical", "out": "copy.txt"}, r"whose name ends in \.yaml"),
        ({"constitution": "medica"}, "did you mean 'medical'"),
    ],
)
def test_what_does_not_go_together(tmp_path, goals, given, said):
    rows = sheet(tmp_path, filled(item(1), "meets"))
    with pytest.raises(UserError, match=said):
        add_marks([rows], **{"constitution": goals, **given})


def test_sheets_that_cannot_be_added(tmp_path, goals):
    def refuse(said, *sheets):
        before = sorted(goals.parent.rglob("*")), goals.read_bytes()
        with pytest.raises(UserError, match=said):
            add_marks(sheets, constitution=goals)
        assert (sorted(goals.parent.rglob("*")), goals.read_bytes()) == before

    one = sheet(tmp_path, filled(item(1), "meets"), name="a.csv")
    refuse("named twice", one, one)
    refuse("named twice", one, one.parent / "goals" / ".." / "a.csv")
    refuse("no mark in .* says anything", sheet(tmp_path, filled(item(1), "cannot say")))
    other = sheet(tmp_path, filled(item(2, objective="helpful"), "meets"), name="b.csv")
    refuse("b.csv, line 2 is about the objective 'helpful', and .*a.csv, line 2", one, other)
    stranger = sheet(tmp_path, filled(item(2, objective="kind"), "meets"))
    refuse("no objective 'kind'; it has harmless, helpful", stranger)
    split = filled(item(1), "meets", "does not", "equal")
    refuse(r"sheet.csv, line 2: the answers are 'equal', but one", sheet(tmp_path, split))


def test_a_layout_that_cannot_be_added_to_keeps_the_file_and_the_marks(tmp_path, goals):
    data = parse_yaml(YAML, "c").data
    goals.write_text(json.dumps(data))
    goals.write_text(
        YAML.replace(
            "exemplars: exemplars/harmless.jsonl ",
            "exemplars: >-\n      exemplars/harmless.jsonl\n",
        )
    )
    before = goals.read_bytes()
    rows = sheet(tmp_path, filled(item(1), "meets"))
    with pytest.raises(UserError, match=r"add the entry (\S+) to their list by hand") as refused:
        add_marks([rows], constitution=goals)
    assert goals.read_bytes() == before
    name = str(refused.value).split("the entry ")[1].split()[0]
    text = YAML.replace(
        "exemplars: exemplars/harmless.jsonl", f"exemplars: [exemplars/harmless.jsonl, {name}]"
    )
    goals.write_text(text)
    assert add_marks([rows], constitution=goals).known == 1
    assert goals.read_text() == text
    assert len(exemplars(goals)) == 2


def test_two_constitutions_of_one_folder_do_not_share_marks(tmp_path, goals):
    other = shutil.copy(goals, goals.parent / "ward.yaml")
    add_marks([sheet(tmp_path, filled(item(1), "meets"))], constitution=goals)
    add_marks([sheet(tmp_path, filled(item(2), "meets"))], constitution=other)
    assert [len(exemplars(path)) for path in (goals, other)] == [2, 2]


def test_what_the_check_finds_is_told(tmp_path, goals):
    added = add_marks([sheet(tmp_path, filled(item(1), "meets"))], constitution=goals)
    assert added.findings
    assert {finding.objective for finding in added.findings} == {"harmless"}
    assert f"{added.findings[0].severity}: harmless: " in added_summary(added)


def test_the_sheet_itself_is_only_read(tmp_path, goals):
    draw(tmp_path / "marks", constitution=goals)
    path = mark_all(tmp_path / "marks", "meets")
    before = path.read_bytes()
    add_marks([path], constitution=goals)
    assert (tmp_path / "marks" / SHEET).read_bytes() == before


@pytest.mark.parametrize("row", [item(1, category="teeth"), item(1, "", "B.")])
def test_a_sheet_that_is_none_of_ours(tmp_path, goals, row):
    with pytest.raises(UserError, match=f"the row {row.item_id} of the sheet: "):
        add_marks([sheet(tmp_path, filled(row, "meets"))], constitution=goals)
