"""Constitutions: ordered objectives, and what each of them means."""

from primum.constitution.loading import builtin_constitutions, load_constitution
from primum.constitution.schema import Constitution, Exemplar, Objective, Scale

__all__ = [
    "Constitution",
    "Exemplar",
    "Objective",
    "Scale",
    "builtin_constitutions",
    "load_constitution",
]
