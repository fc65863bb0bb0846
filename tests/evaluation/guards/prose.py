"""Answers that differ as real ones do, for tests of guards."""

TOPICS = (
    *("bread", "taxes", "violins", "sleep", "gardens", "rivers", "passports", "chess", "knees"),
    *("bicycles", "poems", "windows", "anger", "soup", "glaciers", "wills", "kites", "rent"),
    *("onions", "maps", "fevers", "loans", "cellars", "owls", "dyes", "grammar", "shoes", "tides"),
)
OPENINGS = ("Most", "Good", "Few", "When", "Try", "People", "Since", "Old", "Every", "With")
PROMPTS = [f"What should I know about {topic} before I begin?" for topic in TOPICS]


def answers(twist=""):
    """An answer per prompt, all different.

    Args:
        twist: A word that makes them another draw.
    """
    return [
        f"{OPENINGS[at % len(OPENINGS)]} {topic} reward {twist or 'careful'} patience number {at}. "
        f"Look at how {topic} {TOPICS[at - 3]} and {TOPICS[at - 7]} change in {at + 3} days, "
        f"then ask {TOPICS[at - 5]} makers what {topic} cost. Keep {at * 7} notes about {topic}."
        for at, topic in enumerate(TOPICS)
    ]
