"""The commands `primum constitution check` and `show`."""

import json

import yaml
from typer.testing import CliRunner

from primum.cli.main import app
from primum.errors import UserError
from tests.constitution.checking.made import FULL, even, marks, pairs


def write(tmp_path, *objectives):
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump({"name": "mine", "objectives": list(objectives)}))
    return str(file)


def test_the_command_fails_on_errors_alone(tmp_path):
    rows = [*even(), *pairs(), *marks()]
    (tmp_path / "e.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    good = {"definition": "d", "rubric": FULL, "exemplars": "e.jsonl"}
    file = write(tmp_path, {"name": "a", **good}, {"name": "b", **good, "rubric": {}})
    done = CliRunner().invoke(app, ["constitution", "check", file])
    assert done.exit_code == 0
    assert "warning: b: there is no rubric" in done.output
    assert "a: 60 contrasts, 20 equal pairs, 50 marked answers; AUC of length: contrasts 0.5" in (
        done.output
    )
    assert "mine: 0 errors, 1 warnings" in done.output
    bad = {**good, "exemplars": ["e.jsonl", rows[0]]}
    done = CliRunner().invoke(
        app, ["constitution", "check", write(tmp_path, {"name": "a", **bad}, {"name": "b", **good})]
    )
    assert done.exit_code == 2
    assert "error: a: contrast 61" in done.output


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


def test_show_counts_exemplars_and_marks_by_kind_of_prompt(tmp_path):
    rows = [
        {**even(1)[0], "category": "legal", "topic": "t", "better_meets": True},
        *pairs(2, category="everyday", meets=True),
        *marks(1, 2),
    ]
    one = {"definition": "d", "rubric": FULL, "exemplars": rows, "threshold": 7}
    file = write(tmp_path, {"name": "a", **one}, {"name": "b", "definition": "d"})
    lines = CliRunner().invoke(app, ["constitution", "show", file]).output.splitlines()
    at = lines.index("Exemplars: 1 contrasts, 2 equal pairs, 3 marked answers, on 1 topics")
    assert lines[at - 1].startswith("An answer meets it from 7 on")
    assert [line.split() for line in lines[at + 2 : at + 5]] == [
        ["everyday", "0", "2", "0", "4", "0"],
        ["legal", "1", "0", "0", "1", "0"],
        ["(none)", "0", "0", "3", "1", "2"],
    ]
