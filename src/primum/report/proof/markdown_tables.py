"""What a gate found, as Markdown: for model cards and pull requests.

Whatever comes from models, files or data stands as code, where it is neither markup nor a link nor
a mention.
"""

from primum.evaluation.gate_result import GateResult
from primum.report.drawing.text import count, percent, plural
from primum.report.markdown import code, table
from primum.report.proof.effects import POINTS, effects
from primum.report.proof.guards import broken_guards, guard_rows
from primum.report.proof.judges import judge_texts

READING = (
    "Gains are paired by prompt. An objective held if every examiner's interval lies above minus "
    "the margin. The teacher made the pairs: it is shown, and decides nothing, since a model "
    "learns to please it."
)


def effects_table(gate: GateResult) -> str:
    """A row per objective and judge; columns that hold nothing are left out."""
    rows = effects(gate)
    optional = {
        "Over-optimisation": [row.optimised for row in rows],
        "A change of nothing": [row.noise for row in rows],
        "By seed": [row.by_seed for row in rows],
    }
    shown = {name: cells for name, cells in optional.items() if any(cells)}
    head = ("Objective", "Judge", "Before", "After", "Gain", "Interval", *shown)
    return table(
        (*head, "Margin", "n", "Missing", "Outcome"),
        (
            (
                code(row.objective),
                code(row.judge) + ("" if row.unit == POINTS else f" ({code(row.unit)})"),
                row.before,
                row.after,
                row.gain,
                row.interval or "–",
                *(cells[place] or "–" for cells in shown.values()),
                row.margin,
                str(row.n),
                str(row.missing),
                row.outcome,
            )
            for place, row in enumerate(rows)
        ),
    )


def intervals_sentence(gate: GateResult) -> str:
    """What the table's figures are."""
    surplus = (
        " Over-optimisation is how much more the teacher sees gained than an examiner does."
        if any(row.optimised for row in effects(gate))
        else ""
    )
    return (
        f"Mean scores on {plural(gate.prompts, 'held-out prompt')}, with "
        f"{percent(gate.confidence)} confidence intervals of the gains. {READING}{surplus}"
    )


def broken_list(gate: GateResult) -> str:
    """What guards found lost, a line each; empty where all held. No prompt and no answer."""
    return "\n".join(f"- Not held: {code(guard.sentence)}" for guard in broken_guards(gate))


def guards_table(gate: GateResult) -> str:
    """What no objective names: a row per guard, the broken ones first; a sentence without any."""
    if not gate.guards:
        return "No guard looked at what no objective names."
    held = len(gate.guards) - len(gate.broken)
    rows = (
        (code(row.guard), row.before, row.after, row.loss, row.margin, code(row.unit), row.outcome)
        for row in guard_rows(gate)
    )
    head = ("Guard", "Before", "After", "Loss", "Margin", "Unit", "Outcome")
    return (
        f"{count(held)} of {plural(len(gate.guards), 'guard')} of what no objective names held.\n\n"
        f"{table(head, rows)}"
    )


def judges_list(gate: GateResult) -> str:
    """Who judged, with what each shares with the teacher and how far to trust it."""
    lines = []
    for judge in judge_texts(gate):
        said = " ".join(filter(None, (f"{judge.description.rstrip('.')}.", judge.shares)))
        lines.append(f"- {code(judge.name)} ({judge.told}): {code(said)}")
        lines += [
            f"  - {code(f'{objective}: {trust}' if objective else trust)}"
            for objective, trust in judge.trust
        ]
    return "\n".join(lines) or "Nobody judged the answers."
