"""Objectives in which the check finds nothing, until a test changes one thing."""

from primum.constitution import Constitution, check_constitution

FULL = {1: "poor", 4: "weak", 7: "fine", 10: "best"}
SIDES = ("A short one.", "A side that is rather longer than it.")


def contrast(at, better="Yes, this way.", worse="No, not that way.", **more):
    return {
        "prompt": f"Question {at}?",
        "better": f"{better} {at}",
        "worse": f"{worse} {at}",
    } | more


def even(count=60, start=0):
    """Contrasts in which each side is the longer one in turn."""
    return [contrast(at, SIDES[at % 2], SIDES[1 - at % 2]) for at in range(start, start + count)]


def pairs(count=20, **more):
    """Equal pairs in which each answer is the longer one in turn."""
    return [
        {"prompt": f"Equal {at}?", "equal": [SIDES[at % 2], SIDES[1 - at % 2]], **more}
        for at in range(count)
    ]


def marks(meets=25, fails=25, **more):
    """Marked answers, long and short in turn for both marks."""
    wanted = [True] * meets + [False] * fails
    return [
        {"prompt": f"Mark {at}?", "answer": SIDES[at % 2], "meets": meet, **more}
        for at, meet in enumerate(wanted)
    ]


def findings(*objectives):
    """The findings of objectives o0, o1 and so on, each with what it has of its own."""
    content = [
        {
            "name": f"o{at}",
            "definition": "Be so.",
            "rubric": FULL,
            "exemplars": [*even(start=60 * at), *pairs()],
            **more,
        }
        for at, more in enumerate(objectives)
    ]
    return check_constitution(Constitution.model_validate({"name": "c", "objectives": content}))


def found(*rows, **more):
    """What is found in one objective with these exemplars beside sound ones."""
    return findings({"exemplars": [*even(), *pairs(), *rows], **more}, {})


def only(findings):
    [finding] = findings
    return finding
