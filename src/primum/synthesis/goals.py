"""The constitution as a list of goals, as models are asked to meet them."""

from primum.constitution import Constitution, Objective


def listed_goals(constitution: Constitution, *, principles: bool) -> str:
    """The objectives by number in order of priority, one after another.

    Args:
        constitution: The objectives.
        principles: Whether the principles stand below the definitions.
    """
    return "\n".join(
        _goal(rank, objective, principles=principles)
        for rank, objective in enumerate(constitution.objectives, start=1)
    )


def _goal(rank: int, objective: Objective, *, principles: bool) -> str:
    listed = "".join(f"\n   - {text}" for text in objective.principles) if principles else ""
    return f"{rank}. {objective.name}: {objective.definition}{listed}"
