"""How much of what no objective names may be lost, by guard.

Recipes change it by `gate.guards.margins`.

All margins are choices. Three things bound those of guards that read answers. Each is a loss that
a reader would call one. Each is wide enough for a change of nothing, on 64 prompts, to pass all
guards together 19 times in 20, and narrow enough for a spoilt model to fail the right one: both by
`benchmarks/gate_spoilt.py`. Fewer prompts make wider intervals, and so more guards that cannot be
shown to hold.
"""

from collections.abc import Iterable, Mapping

from primum.documents import nearest
from primum.errors import UserError
from primum.recipe.schema import Guards

MARGINS: Mapping[str, float] = {
    "same opening": 0.12,  # a third of the answers begin with one word, where all differed
    "shared phrases": 0.05,
    "stock phrases": 0.05,  # one sentence in every fourth answer
    "repetition": 0.2,
    "length": 0.5,  # four tenths longer, or three tenths shorter
    "unfinished": 0.4,
    "empty": 0.1,  # three of 64 answers
    "capitals": 0.1,
    "language": 0.1,
    "echo": 0.15,
    "relevance": 0.15,
    "authorities": 0.5,  # one appeal in every second answer
    "refusals": 0.18,
    # These three ask the models primum's own prompts (gate.guards.refusals).
    "sounds-dangerous refusals": 0.18,
    "everyday refusals": 0.1,
    "distress refusals": 0.1,
    # The fall at which training itself warns of a collapse (`training.watch.drift`, COLLAPSE): the
    # bundled recipe's preferred responses ended 0.19 below the start, and 1.5 where most answers
    # came to begin alike.
    "likelihood/former": 0.2,
    # Twice that, since better answers may say what the starting model would not have said, while
    # what it finds strange throughout is seldom better.
    "likelihood/new": 0.4,
}
"""The loss that still counts as none, in the guard's unit; docs/guards.md gives the reasons."""

ABILITY_MARGIN = 0.03
"""That of every test of ability, `ability/NAME`: three questions in a hundred, which with a
thousand questions is three standard errors where one answer in ten changes sides."""


def margin_of(guard: str, settings: Guards) -> float:
    """The loss of a guard that still counts as none: the recipe's own, or the one here.

    Args:
        guard: Its name; one that is not here is a test of ability.
        settings: The recipe's margins.
    """
    return settings.margins.get(guard, MARGINS.get(guard, ABILITY_MARGIN))


def check_guard_margins(margins: Mapping[str, float], further: Iterable[str] = ()) -> None:
    """Refuses margins of guards that do not exist, and those below 0.

    Args:
        margins: By guard, as a recipe names them.
        further: Guards beside those that have a margin here, such as tests of ability.

    Raises:
        UserError: If there is one; the message says what to write.
    """
    known = [*MARGINS, *further]
    for name, margin in margins.items():
        if name not in known:
            of_test = [guard for guard in known if guard.endswith(f"/{name}")]
            near = of_test or nearest(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            raise UserError(f"gate.guards.margins names the guard {name!r}, which is none; {hint}")
        if not margin >= 0:
            raise UserError(
                f"gate.guards.margins is {margin:g} for {name!r}; a margin is a loss that counts "
                "as none, so name 0 or more"
            )
