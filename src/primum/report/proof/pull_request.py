"""A gate's result as a summary for a pull request (`primum gate --markdown`)."""

from primum.evaluation.gate_result import GateResult
from primum.report.drawing.local_paths import without_local_paths
from primum.report.markdown import code, table
from primum.report.proof.banner import banner
from primum.report.proof.markdown_tables import (
    broken_list,
    effects_table,
    guards_table,
    intervals_sentence,
    judges_list,
)


def gate_markdown(gate: GateResult) -> str:
    """The verdict, what was lost, every figure, and the hashes, as Markdown.

    It holds no prompt, no answer, no path of this machine and no link, since people publish it.
    """
    shown = banner(gate)
    parts = [
        f"## primum gate: {shown.word.lower()} {shown.symbol}",
        broken_list(gate),
        _headline(gate, shown.headline),
        effects_table(gate) if gate.objectives else "",
        intervals_sentence(gate) if gate.objectives else "",
        *(code(said) for said in (gate.power, gate.caveat, *gate.notes) if said),
        "### Guards",
        guards_table(gate),
        "### Judges",
        judges_list(gate),
        *_hashes(gate),
    ]
    return without_local_paths("\n\n".join(filter(None, parts))) + "\n"


def _headline(gate: GateResult, headline: str) -> str:
    """The verdict in a sentence, unless a broken guard's says it already."""
    return "" if gate.broken else code(headline)


def _hashes(gate: GateResult) -> list[str]:
    """What the verdict rests on, so that anybody can tell whether it is still the same."""
    if not gate.evidence:
        return []
    rows = ((code(name), code(found)) for name, found in gate.evidence.items())
    made = ", ".join(f"{name} {version}" for name, version in gate.versions.items())
    return [
        "### Hashes",
        table(("What the verdict rests on", "SHA-256"), rows),
        *([f"Worked out with {code(made)}."] if made else []),
    ]
