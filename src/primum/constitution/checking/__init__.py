"""What a constitution's author should look at again, beyond what loading refuses."""

from itertools import combinations

from primum.constitution.checking.amounts import amounts
from primum.constitution.checking.balance import balance
from primum.constitution.checking.contradictions import contradictions, opposite_objectives
from primum.constitution.checking.findings import Finding
from primum.constitution.checking.lengths import length_auc, length_auc_of_marks, lengths
from primum.constitution.checking.repeats import repeats
from primum.constitution.checking.rubric import rubric
from primum.constitution.schema import Constitution

__all__ = ["Finding", "check_constitution", "length_auc", "length_auc_of_marks"]


def check_constitution(constitution: Constitution) -> tuple[Finding, ...]:
    """Looks for what makes judges worse.

    Loading has already refused exemplars that lack an answer, and those with two equal ones.

    Returns:
        The findings, by objective in their order; contradictions between objectives last.
    """
    found: list[Finding] = []
    for objective in constitution.objectives:
        found += repeats(objective)
        found += contradictions(objective)
        found += amounts(objective)
        found += balance(objective)
        found += lengths(objective)
        found += rubric(objective, constitution.scale)
    for one, other in combinations(constitution.objectives, 2):
        found += opposite_objectives(one, other)
    return tuple(found)
