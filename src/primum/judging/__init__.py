"""Judges: how responses are scored on the objectives of a constitution."""

from primum.judging.base import Item, Judge, Score
from primum.judging.build import build_judge, judge_identity
from primum.judging.composite import CompositeJudge
from primum.judging.function import FunctionJudge
from primum.judging.probe import ProbeJudge, fit_probe
from primum.judging.rating import ExpectedRating
from primum.judging.reward import RewardJudge
from primum.judging.scores import complete, judge_all, scores_table
from primum.judging.text_rating import TextRating

__all__ = [
    "CompositeJudge",
    "ExpectedRating",
    "FunctionJudge",
    "Item",
    "Judge",
    "ProbeJudge",
    "RewardJudge",
    "Score",
    "TextRating",
    "build_judge",
    "complete",
    "fit_probe",
    "judge_all",
    "judge_identity",
    "scores_table",
]
