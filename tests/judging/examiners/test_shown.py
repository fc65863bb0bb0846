"""Judges that are shown exemplars: teacher and examiner are shown others, and tried on the rest."""

import re

import pytest

from primum.errors import UserError
from primum.judging.asking.shots import shots_of
from primum.judging.examiners.halves import (
    halves_of,
    seen_by_teacher,
    shown_to_teacher,
    teaching_identity,
    unseen,
)
from primum.recipe.schema import Judging
from tests.judging.examiners.makers import Asked, Told, models
from tests.judging.examiners.test_settings import FUNCTION, check
from tests.judging.goals import constitution, item

SHOWN = {"kind": "rating-expected", "shots": 4}


def prompts_shown(asked):
    """The prompts of the shots in every question asked; what is rated answers `hello` alone."""
    return {found for text in asked.chosen for found in re.findall(r"^> (q\d+)$", text, re.M)}


def asked_by(judge, asked):
    asked.chosen.clear()
    # What has been asked before comes from the store.
    list(judge.judge([item(f"an answer {id(judge)}")]))
    return prompts_shown(asked)


def test_teacher_and_examiner_are_shown_other_exemplars(tmp_path):
    asked = Asked()
    run = models(tmp_path, SHOWN, asked=asked)
    taught = asked_by(run.judge("start"), asked)
    [examiner] = run.examiners("start")
    examined = asked_by(examiner.judge, asked)
    assert taught
    assert examined
    assert not taught & examined
    assert examiner.facts.shares == "the model"
    half = {
        one.prompt for one in halves_of(constitution(40).objectives[0], (1, 10)).teacher.contrasts
    }
    assert taught <= half
    assert not examined & half


def test_nobody_is_tried_on_what_it_is_shown(tmp_path):
    asked = Asked()
    run = models(tmp_path, SHOWN, asked=asked)
    for examine in (lambda: [run.teacher("start")], lambda: run.examiners("start")):
        asked.chosen.clear()
        [one] = examine()
        assert one.facts.trust["kind"]
        for text in asked.chosen:
            *before, rated = re.findall(r"^> (q\d+)$", text, re.M)
            assert len(before) == 4
            assert rated not in before


def test_too_few_exemplars_to_halve_are_shown_to_both_and_that_is_said(tmp_path):
    told = Told()
    run = models(tmp_path, {**SHOWN, "shots": 8}, exemplars=6, progress=told)
    [examiner] = run.examiners("start")
    assert "the exemplars of kind, too few to halve" in examiner.facts.shares
    assert any("share the model; the exemplars of kind" in note for note in told.notes)


def test_a_named_judge_gets_the_other_half_whether_it_is_shown_or_fitted(tmp_path):
    for second in ({"kind": "probe"}, {**SHOWN, "wordings": 2}):
        asked, folder = Asked(), tmp_path / second["kind"]
        folder.mkdir()
        run = models(folder, SHOWN, asked=asked, second=second)
        taught = asked_by(run.judge("start"), asked)
        asked.represented.clear()
        named = run.examiners("start")[1]
        assert "exemplars" not in (named.facts.shares or "")
        if second["kind"] == "probe":
            fitted = {
                request.messages[0].content
                for request in asked.represented
                if request.purpose == "fit probe"
            }
            assert len(fitted) > 5
            assert not fitted & taught
        else:
            assert not asked_by(named.judge, asked) & taught


def test_a_named_probe_that_half_does_not_suffice_for_has_all_and_says_so(tmp_path):
    run = models(tmp_path, SHOWN, exemplars=12, second={"kind": "probe"})
    named = run.examiners("start")[1]
    assert "the exemplars of kind, too few to halve" in named.facts.shares


def test_an_examiner_in_words_of_a_teacher_that_is_no_model_is_shown_nothing(tmp_path):
    function = {"kind": "python", "function": "tests.judging.examiners.test_examiners:by_length"}
    asked = Asked(layers=0)
    run = models(tmp_path, {**function, "shots": 4}, asked=asked)
    [examiner] = run.examiners("start")
    assert not asked_by(examiner.judge, asked)


def test_what_a_teacher_is_shown_is_part_of_who_it_is_only_with_shots():
    of = constitution(40)
    for kind in ("rating-expected", "rating-text"):
        assert teaching_identity(Judging(kind=kind), of) == {}
        assert seen_by_teacher(Judging(kind=kind), of).fingerprint == of.fingerprint
        assert shown_to_teacher(Judging(kind=kind), of) == (frozenset(),) * 2
        with_shots = Judging(kind=kind, shots=4)
        assert teaching_identity(with_shots, of).keys() == {"exemplars"}
        shown = shots_of(seen_by_teacher(with_shots, of), 4)
        expected = tuple(frozenset(shot.prompt for shot in shots) for shots in shown)
        assert shown_to_teacher(with_shots, of) == expected
    # To a probe shots are nothing.
    one, other = (teaching_identity(Judging(kind="probe", shots=n), of) for n in (0, 4))
    assert one == other
    assert shown_to_teacher(Judging(kind="probe", shots=4), of) == (frozenset(),) * 2


def test_every_exemplar_of_a_prompt_that_is_shown_is_seen():
    [goal, _] = constitution(40).objectives
    left = unseen("rating-text", goal, goal, 4)
    assert len(left) == 40 - 4
    assert unseen("rating-text", goal, goal, 0) == goal.exemplars


def test_too_few_exemplars_for_the_shots_are_refused_before_the_first_call():
    with pytest.raises(UserError, match=r"shots is 8, but the objective 'kind' has only 3 good"):
        check({**SHOWN, "shots": 8}, constitution(3))
    check({**SHOWN, "shots": 6}, constitution(3))
    with pytest.raises(UserError, match=r"gate\.judges, 'second': judging\.shots is 30"):
        check({"kind": "probe"}, second={**SHOWN, "shots": 30})
    # Only judges in words are shown any.
    check({**FUNCTION, "shots": 99})


def test_shots_make_another_judge():
    check({"kind": "rating-expected"}, second=SHOWN)
    with pytest.raises(UserError, match="which is the teacher over again"):
        check(SHOWN, second=SHOWN)
