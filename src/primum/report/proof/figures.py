"""The verdict in figures: gains with their intervals, guards and examiners, in few words."""

from dataclasses import dataclass

from primum.evaluation.gate_result import GateResult, ObjectiveResult, Shown
from primum.evaluation.hashes import MADE_BY
from primum.report.drawing.marks import Tone
from primum.report.drawing.text import count, interval, one_line, plural, signed
from primum.report.proof.effects import POINTS


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure of the verdict.

    Attributes:
        name: What it is of.
        figure: The figure.
        more: Its interval, or what else belongs to it.
        outcome: What follows from it, in words; empty where nothing does.
        tone: The same as a colour.
    """

    name: str
    figure: str
    more: str
    outcome: str
    tone: Tone


def tiles(gate: GateResult) -> tuple[Tile, ...]:
    """A tile per objective, then one for the guards and one for who judged."""
    found = [_of_objective(result) for result in gate.objectives]
    if gate.guards:
        held = len(gate.guards) - len(gate.broken)
        tone: Tone = "bad" if gate.broken else "good"
        outcome = "held" if not gate.broken else f"{count(len(gate.broken))} lost"
        found.append(
            Tile(
                "Guards", f"{held} of {len(gate.guards)}", "what no objective names", outcome, tone
            )
        )
    examiners = sum(judge.role == "examiner" for judge in gate.judges)
    people = any(judge.role == "people" for judge in gate.judges)
    who = plural(examiners, "examiner") + (" and people" if people else "")
    prompts = f"on {plural(gate.prompts, 'held-out prompt')}"
    return (*found, Tile("Judged by", who, prompts, "", "axis"))


def _of_objective(result: ObjectiveResult) -> Tile:
    shown = deciding(result)
    outcome, tone = objective_outcome(result)
    name = one_line(result.objective)
    if shown is None:
        return Tile(name, "–", "nobody judged it", outcome, tone)
    ends = interval(shown.gain.low, shown.gain.high)
    unit = "points" if shown.unit == POINTS else one_line(shown.unit)
    by = f", by {one_line(shown.judge)}" if len(result.shown) > 2 else ""
    return Tile(name, signed(shown.gain.value), f"{ends} {unit}{by}".strip(), outcome, tone)


def objective_outcome(result: ObjectiveResult) -> tuple[str, Tone]:
    """What the gate found of an objective, in words and as a colour."""
    if not result.held:
        return "not shown to hold", "bad"
    if result.rose:
        return ("held and rose", "good") if result.counted else ("rose, not counted", "even")
    return "held", "after"


def deciding(result: ObjectiveResult) -> Shown | None:
    """Whose figure stands for the objective.

    People's, where they marked answers, since they then decide. Of an objective that rose, the
    surest examiner's, since one suffices; of any other, the most doubtful one's, since all must see
    it hold.
    """
    if result.people is not None:
        return result.people
    if result.rose:
        risen = [shown for shown in result.by if shown.rose and shown.low_superiority is not None]
        return max(risen, key=lambda shown: shown.low_superiority or 0.0) if risen else None
    return weakest(result)


def weakest(result: ObjectiveResult) -> Shown | None:
    """Of the judges that count, the one that sees the objective nearest to a fall."""
    if result.people is not None:
        return result.people
    known = [shown for shown in result.by if shown.gain.low is not None]
    if not known:
        return result.by[0] if result.by else None
    return min(known, key=lambda shown: (shown.gain.low or 0.0) + shown.margin)


def shown_gain(shown: Shown) -> str:
    """A gain with its interval, such as `+0.31 [0.12, 0.50]`."""
    return f"{signed(shown.gain.value)} {interval(shown.gain.low, shown.gain.high)}".strip()


def gain_told(result: ObjectiveResult, verb: str = "") -> str:
    """An objective and its gain, such as `helpful rose by +0.31 [0.12, 0.50]`.

    Args:
        result: What was found on the objective.
        verb: What stands between its name and the figure, with a space before it.
    """
    shown = deciding(result)
    return f"{one_line(result.objective)}{verb} {shown_gain(shown) if shown else '–'}"


def examined(gate: GateResult) -> str:
    """Who saw it, and on how many prompts."""
    examiners = [judge for judge in gate.judges if judge.role == "examiner"]
    people = any(judge.role == "people" for judge in gate.judges)
    who = "people and " if people else ""
    taught = any(judge.role == "teacher" for judge in gate.judges)
    apart = "took no part in the answers" if MADE_BY in gate.evidence else "did not make the pairs"
    made = f" that {apart}" if taught else ""
    prompts = plural(gate.prompts, "held-out prompt")
    return f"as {who}{plural(len(examiners), 'examiner')}{made} saw it on {prompts}"


def guards_told(gate: GateResult) -> str:
    """How many guards held, where none was broken."""
    number_of = len(gate.guards)
    return "the one guard held" if number_of == 1 else f"all {number_of} guards held"
