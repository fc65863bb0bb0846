import hashlib
import json
import shutil

import pyarrow.parquet as pq
import pytest

from primum.errors import UserError
from primum.evaluation.hashes import MODEL_BEFORE, model_after
from primum.proof.replay import DISAGREES, replay
from primum.recipe import dump_recipe
from tests.proof.folder import RECIPE, change, write_gate


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "gate"
    place.mkdir()
    write_gate(place)
    return place


def edit(folder, change_content):
    """Changes `evaluation.json`."""
    file = folder / "evaluation.json"
    content = json.loads(file.read_text())
    change_content(content)
    file.write_text(json.dumps(content))


def test_a_verdict_that_nobody_touched_agrees_to_the_last_digit(folder):
    found = replay(folder)
    assert found.agrees
    assert found.exact
    assert found.exit_code == found.stored.exit_code == 0
    assert found.hashed == 6
    assert found.compared > 60
    assert found.lines[0].startswith("Replay: it agrees. ")
    assert "to the last digit; so are 6 of 6 hashes." in found.lines[0]


@pytest.mark.parametrize(("gains", "code"), [((0.0, 0.0), 3), ((-0.6, 0.1), 1)])
def test_the_exit_status_is_the_verdicts_own(tmp_path, gains, code):
    write_gate(tmp_path, gains=gains)
    assert replay(tmp_path).exit_code == code


def test_a_changed_answer_is_named(folder):
    change(folder / "answers.parquet", "text", 40, "Something else.")
    found = replay(folder)
    assert [each.what for each in found.changed] == ["answers"]
    # Guards of form read the answers; scores are as they were.
    assert found.figures
    assert all(each.what.startswith("guards: ") for each in found.figures)
    assert found.exit_code == DISAGREES
    assert "does NOT agree" in found.lines[0]
    assert any("changed since the verdict: answers (hash " in line for line in found.lines)


def test_a_changed_prompt_is_named(folder):
    change(folder / "answers.parquet", "messages", 0, [{"role": "user", "content": "Else?"}])
    assert {each.what for each in replay(folder).changed} == {"answers", "prompts"}


def test_a_changed_score_is_named_with_the_figures_that_follow(folder):
    change(folder / "judgements.parquet", "value", 0, 9.9)
    found = replay(folder)
    assert [each.what for each in found.changed] == ["judgements"]
    differing = {each.what for each in found.figures}
    assert "objectives: safe: by: examiner: gain: value" in differing
    assert "objectives: safe: by: examiner: before" in differing
    assert not any("kind" in name for name in differing)
    assert "objectives: safe: teacher: before" not in differing
    assert found.exit_code == DISAGREES


def test_a_verdict_that_was_painted_green_is_found(tmp_path):
    write_gate(tmp_path, gains=(-0.6, 0.1))
    edit(tmp_path, lambda content: content.update(verdict="pass"))
    found = replay(tmp_path)
    assert found.stored.verdict == "pass"
    assert found.exit_code == DISAGREES
    [difference] = [each for each in found.figures if each.what == "verdict"]
    assert (difference.stored, difference.found) == ("pass", "fail")


def test_a_figure_within_the_rounding_agrees_and_it_is_said(folder):
    def nudge(content):
        gain = content["objectives"][0]["by"][0]["gain"]
        gain["low"] *= 1 + 1e-12

    edit(folder, nudge)
    found = replay(folder)
    assert found.agrees
    assert not found.exact
    assert "within 1e-09" in found.lines[0]


def test_a_figure_that_was_taken_out_or_put_in_is_named(folder):
    edit(folder, lambda content: content.update(guards=[made_up()]))
    names = [each.what for each in replay(folder).figures]
    assert "guards: made up: held" in names


def made_up():
    return {
        "guard": "made up",
        "kind": "form",
        "before": None,
        "after": None,
        "loss": {"value": None, "low": None, "high": None, "n": 0, "missing": 0},
        "margin": 0.1,
        "unit": "words",
        "held": True,
        "sentence": "",
        "examples": [],
    }


def test_an_objective_that_was_taken_out_is_missed(tmp_path):
    write_gate(tmp_path, gains=(-0.6, 0.6))
    assert replay(tmp_path).exit_code == 1

    def hide(content):
        content["objectives"] = [
            each for each in content["objectives"] if each["objective"] != "safe"
        ]
        content["objectives"][0]["counted"] = True
        content |= {"verdict": "pass", "failed": None, "exit_code": 0}

    edit(tmp_path, hide)
    found = replay(tmp_path)
    assert found.exit_code == DISAGREES
    assert "objectives: safe: held" in {each.what for each in found.figures}


def test_changed_settings_are_named(folder):
    gate = RECIPE.gate.model_copy(update={"margin": 3.0})
    (folder / "recipe.yaml").write_text(dump_recipe(RECIPE.model_copy(update={"gate": gate})))
    found = replay(folder)
    assert [each.what for each in found.changed] == ["settings"]
    assert "objectives: safe: by: examiner: margin" in {each.what for each in found.figures}


def test_a_changed_judge_is_named(folder):
    file = folder / "judges.json"
    file.write_text(file.read_text().replace("scripted", "a panel of clinicians"))
    assert [each.what for each in replay(folder).changed] == ["judges"]


def test_neither_the_place_nor_the_packing_matters(folder, tmp_path):
    moved = tmp_path / "elsewhere"
    shutil.move(folder, moved)
    for file in moved.glob("*.parquet"):
        pq.write_table(pq.read_table(file), file, compression="gzip", row_group_size=7)
    assert replay(moved).agrees


def test_what_cannot_be_hashed_is_said(folder):
    edit(
        folder, lambda content: content["evidence"].update({model_after(1): "0", MODEL_BEFORE: "1"})
    )
    edit(folder, lambda content: content["evidence"].pop("answers"))
    found = replay(folder)
    assert found.agrees
    assert set(found.unchecked) == {model_after(1), MODEL_BEFORE, "answers"}
    assert any(line.startswith("Not checked: model after, which is not") for line in found.lines)


def test_other_versions_are_told(folder):
    edit(folder, lambda content: content["versions"].update(numpy="1.0"))
    found = replay(folder)
    assert found.agrees
    assert any(line.startswith("Made with numpy 1.0, replayed") for line in found.lines)


def test_a_missing_file_is_a_sentence(folder):
    (folder / "judgements.parquet").unlink()
    with pytest.raises(UserError, match=r"judgements\.parquet is missing"):
        replay(folder)


def test_guards_that_asked_nobody_need_no_table(folder):
    (folder / "guards.parquet").unlink()
    assert replay(folder).agrees


def test_a_stranger_can_work_the_hash_out(folder):
    rows = pq.read_table(folder / "answers.parquet").to_pylist()
    lines = (
        json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n"
        for row in rows
    )
    wanted = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert replay(folder).stored.evidence["answers"] == wanted
