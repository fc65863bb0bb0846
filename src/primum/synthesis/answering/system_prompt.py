"""The constitution as a system prompt."""

from primum.constitution import Constitution
from primum.languages import LANGUAGES
from primum.synthesis.goals import listed_goals


def constitution_prompt(constitution: Constitution, below: str = "") -> str:
    """A system prompt that names all objectives and principles, and says which come first.

    Args:
        constitution: What it says, and in which language.
        below: A system prompt of the recipe's own, which follows.
    """
    goals = listed_goals(constitution, principles=True)
    text = LANGUAGES[constitution.language].constitution.format(goals=goals)
    return f"{text}\n\n{below}" if below else text
