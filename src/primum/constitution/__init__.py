"""Constitutions: ordered objectives, and what each of them means."""

from primum.constitution.checking import (
    Finding,
    check_constitution,
    length_auc,
    length_auc_of_marks,
)
from primum.constitution.counts import ExemplarCount, count_by_category, count_exemplars
from primum.constitution.exemplars import (
    CATEGORIES,
    Category,
    Contrast,
    EqualPair,
    Exemplar,
    MarkedAnswer,
)
from primum.constitution.json_schema import constitution_json_schema
from primum.constitution.loading import (
    builtin_constitutions,
    constitution_file,
    load_constitution,
)
from primum.constitution.schema import LEAST_EXEMPLARS, Constitution, Objective, Scale

__all__ = [
    "CATEGORIES",
    "LEAST_EXEMPLARS",
    "Category",
    "Constitution",
    "Contrast",
    "EqualPair",
    "Exemplar",
    "ExemplarCount",
    "Finding",
    "MarkedAnswer",
    "Objective",
    "Scale",
    "builtin_constitutions",
    "check_constitution",
    "constitution_file",
    "constitution_json_schema",
    "count_by_category",
    "count_exemplars",
    "length_auc",
    "length_auc_of_marks",
    "load_constitution",
]
