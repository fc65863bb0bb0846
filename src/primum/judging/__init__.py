"""Judges: how responses are scored on the objectives of a constitution."""

from primum.judging.base import Item, Judge, Score
from primum.judging.build import build_judge, judge_identity
from primum.judging.composite import CompositeJudge
from primum.judging.probe.judge import ProbeJudge, fit_probe
from primum.judging.python import FunctionJudge
from primum.judging.rating_expected import ExpectedRating
from primum.judging.rating_text import TextRating
from primum.judging.reward_model import RewardModelJudge
from primum.judging.scores import complete, judge_all, scores_table

__all__ = [
    "CompositeJudge",
    "ExpectedRating",
    "FunctionJudge",
    "Item",
    "Judge",
    "ProbeJudge",
    "RewardModelJudge",
    "Score",
    "TextRating",
    "build_judge",
    "complete",
    "fit_probe",
    "judge_all",
    "judge_identity",
    "scores_table",
]
