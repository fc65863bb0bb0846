"""What an audit found, as the page and the terminal show it: figures as text."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from primum.audit.measures.sampled import FilterYield
from primum.audit.objective import JUDGE, AgreementRow, ObjectiveAudit
from primum.audit.result import Audit
from primum.audit.suggest import Suggestion
from primum.audit.trust import Level, Trust
from primum.audit.views.across import AcrossView, view_across
from primum.audit.views.figures import share, with_bounds
from primum.report.drawing.curves import curves
from primum.report.drawing.frame import Series
from primum.report.drawing.marks import Panel, Tone
from primum.report.drawing.text import model_name, number, one_line, percent, signed

_WORDS: Mapping[Level, tuple[Tone, str, str]] = {
    "trust": ("good", "✓", "trust"),
    "above": ("even", "≈", "trust above a gap"),
    "no": ("bad", "✕", "do not use"),
}


@dataclass(frozen=True, slots=True)
class TrustView:
    """How far the judge can be trusted on one objective."""

    tone: Tone
    symbol: str
    word: str
    sentence: str
    consequences: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgreementView:
    """One judge on one kind of pairs; figures as text.

    Attributes:
        out_of_fold: Whether the judge was fitted without the pairs that it scored.
        control: Whether it is one of the two judges that nobody should trust.
        tau_alone: Kendall's τ-b without its interval.
        thirds: Accuracy at the smallest, middle and largest score gaps.
    """

    objective: str
    source: str
    out_of_fold: bool
    judge: str
    control: bool
    pairs: int
    prompts: int
    missing: int
    accuracy: str
    auc: str
    tau: str
    tau_alone: str
    thirds: tuple[str, str, str]
    shorter: str
    longer: str
    correlation: str


@dataclass(frozen=True, slots=True)
class HabitView:
    """How a judge behaves on one objective; figures as text."""

    objective: str
    scores: int
    top: str
    bottom: str
    ties: str
    deviation: str
    retest: str
    attack: str
    worst: str


@dataclass(frozen=True)
class AuditView:
    """All that is shown of an audit; every text in it is escaped where it is shown."""

    title: str
    subtitle: str
    confidence: str
    trusts: tuple[TrustView, ...]
    agreements: tuple[AgreementView, ...]
    across: AcrossView
    habits: tuple[HabitView, ...]
    position: str
    filters: FilterYield | None
    facts: tuple[tuple[str, str], ...]
    panels: tuple[Panel, ...]


def view_audit(audit: Audit) -> AuditView:
    """Works out all that is shown."""
    model, constitution = model_name(audit.model), one_line(audit.constitution)
    return AuditView(
        title=f"{model} as a judge",
        subtitle=f"{constitution} · recipe {one_line(audit.recipe)} · seed {audit.seed}",
        confidence=percent(audit.confidence),
        trusts=tuple(_trust(found.trust) for found in audit.objectives),
        agreements=tuple(
            _agreement(found.objective, row) for found in audit.objectives for row in found.rows
        ),
        across=view_across(audit.objectives),
        habits=tuple(_habit(found) for found in audit.objectives),
        position=one_line(audit.position),
        filters=_filters(audit.filters) if audit.filters else None,
        facts=_suggestion(audit.suggestion),
        panels=_panels(audit.suggestion),
    )


def _trust(trust: Trust) -> TrustView:
    tone, symbol, word = _WORDS[trust.level]
    warnings = tuple(one_line(warning) for warning in trust.warnings)
    consequences = tuple(one_line(text) for text in trust.consequences)
    return TrustView(tone, symbol, word, one_line(trust.sentence), consequences, warnings)


def _agreement(objective: str, row: AgreementRow) -> AgreementView:
    agreement, length = row.agreement, row.length
    thirds = [share(third.accuracy.value) for third in agreement.thirds]
    smallest, middle, largest = thirds or ["–"] * 3
    return AgreementView(
        objective=one_line(objective),
        source=one_line(row.source),
        out_of_fold=row.out_of_fold,
        judge=one_line(row.judge),
        control=row.judge != JUDGE,
        pairs=agreement.pairs,
        prompts=agreement.prompts,
        missing=agreement.missing,
        accuracy=with_bounds(agreement.accuracy, share),
        auc=with_bounds(agreement.auc, number),
        tau=with_bounds(agreement.tau, number),
        tau_alone=number(agreement.tau.value),
        thirds=(smallest, middle, largest),
        shorter=share(length.better_shorter.value),
        longer=share(length.better_longer.value),
        correlation=signed(length.correlation),
    )


def _habit(found: ObjectiveAudit) -> HabitView:
    saturation, retest, attack = found.saturation, found.retest, found.attack
    return HabitView(
        objective=one_line(found.objective),
        scores=saturation.scores,
        top=share(saturation.top),
        bottom=share(saturation.bottom),
        ties=share(saturation.ties),
        deviation=number(saturation.deviation),
        retest=number(retest.deviation, 3) if retest else "–",
        attack=with_bounds(attack.gain, signed) if attack else "–",
        worst=signed(attack.worst) if attack else "–",
    )


def _filters(filters: FilterYield) -> FilterYield:
    reasons = tuple((one_line(reason), found) for reason, found in filters.reasons)
    return replace(filters, source=one_line(filters.source), reasons=reasons)


def _suggestion(suggestion: Suggestion) -> tuple[tuple[str, str], ...]:
    tau, part, delta = suggestion.tau, suggestion.tau_share, suggestion.delta
    up_to = f" ({part:.0%} of prompts)" if part is not None else ""
    kind = suggestion.kind
    return (
        *((("Another kind of judge", one_line(kind)),) if kind else ()),
        ("τ (denoising.tau)", f"{tau:.3g}{up_to}" if tau is not None else "–"),
        ("How τ was found", one_line(suggestion.tau_rule)),
        ("δ (pairing.delta)", f"{delta:.3g} points" if delta is not None else "–"),
        ("How δ was found", one_line(suggestion.delta_rule)),
    )


def _panels(suggestion: Suggestion) -> tuple[Panel, ...]:
    points = suggestion.curve
    if len(points) < 2:
        return ()
    measure = "RV" if suggestion.measure == "RV" else "Accuracy"
    values, shares = [point.value for point in points], [100 * point.share for point in points]
    note = (
        "Agreement with the second judge on the candidates of the same prompt."
        if measure == "RV"
        else "Share of labelled pairs in the right order."
    )
    along = "% of prompts, smallest det Σ first"
    series = Series(measure, "after", values, shares)
    return (curves(f"{measure} by det Σ", measure, [series], along=along, note=note),)
