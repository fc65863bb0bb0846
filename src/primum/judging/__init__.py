"""Judges: how responses are scored on the objectives of a constitution."""

from primum.judging.base import Item, Judge, Score
from primum.judging.build import build_judge
from primum.judging.probe import ProbeJudge, fit_probe
from primum.judging.rating import ExpectedRating
from primum.judging.scores import complete, judge_all, scores_table

__all__ = [
    "ExpectedRating",
    "Item",
    "Judge",
    "ProbeJudge",
    "Score",
    "build_judge",
    "complete",
    "fit_probe",
    "judge_all",
    "scores_table",
]
