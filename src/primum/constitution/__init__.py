"""Constitutions: ordered objectives, and what each of them means."""

from primum.constitution.checking import Finding, check_constitution, length_auc
from primum.constitution.loading import builtin_constitutions, load_constitution
from primum.constitution.schema import LEAST_EXEMPLARS, Constitution, Exemplar, Objective, Scale

__all__ = [
    "LEAST_EXEMPLARS",
    "Constitution",
    "Exemplar",
    "Finding",
    "Objective",
    "Scale",
    "builtin_constitutions",
    "check_constitution",
    "length_auc",
    "load_constitution",
]
