"""Answers the held-out prompts as the starting model does, and as the method does with it."""

from statistics import fmean

from primum.evaluation.answerers import AFTER, BEFORE
from primum.run.stage import Given, StageFacts
from primum.run.stages.evaluate import answered, judge_and_keep, passes
from primum.run.untrained.answering import answered_from_candidates, answered_under_constitution
from primum.synthesis.answering.candidates import AnswerAtCost


def answer_and_judge(given: Given) -> StageFacts:
    """The answers before and after, both of the starting model, and their scores by every judge."""
    start, method = given.inputs.model, given.settings.method
    engine = given.models.local_engine(start)
    first, *again = passes(given, {})
    before = answered(given, engine, first)
    if method == "untouched":
        # The very same answers: nothing is asked twice.
        after = {name: AnswerAtCost(each, each.tokens) for name, each in before.items()}
    elif method == "system-prompt":
        after = answered_under_constitution(given, engine, given.inputs.heldout)
    else:
        after = dict(answered_from_candidates(given, engine, given.inputs.heldout))
    answers = {
        BEFORE: before,
        AFTER: {name: each.completion for name, each in after.items()},
        **{each.answerer: answered(given, engine, each) for each in again},
    }
    return judge_and_keep(given, answers, fmean(each.tokens for each in after.values()))
