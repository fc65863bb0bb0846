"""What an audit found, as the page and the terminal show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from primum.report.drawing.charts import Series, curves
from primum.report.drawing.marks import Panel, Tone
from primum.report.drawing.rendering import fill
from primum.report.drawing.text import model_name, number, one_line, percent, signed
from primum.store.files import write_text

_WORDS: Mapping[str, tuple[Tone, str, str]] = {
    "trust": ("good", "✓", "trust"),
    "above": ("even", "≈", "trust above a gap"),
    "no": ("bad", "✕", "do not use"),
}


@dataclass(frozen=True, slots=True)
class TrustView:
    """The verdict on one objective."""

    tone: Tone
    symbol: str
    word: str
    sentence: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgreementView:
    """One judge on one kind of pairs; figures as text.

    Attributes:
        out_of_fold: Whether the judge was fitted without the pairs that it scored.
        control: Whether it is one of the two judges that nobody should trust.
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
    habits: tuple[HabitView, ...]
    position: str
    filters: Mapping[str, Any] | None
    facts: tuple[tuple[str, str], ...]
    panels: tuple[Panel, ...]


def write_audit_page(content: Mapping[str, Any], path: Path) -> None:
    """Writes `audit.html`, whole or not at all.

    Args:
        content: The content of `audit.json`.
        path: Where the page goes.
    """
    write_text(path, fill("audit_page.html.j2", view_audit(content)))


def view_audit(content: Mapping[str, Any]) -> AuditView:
    """Works out all that is shown.

    Args:
        content: The content of `audit.json`.
    """
    objectives = content["objectives"]
    model, constitution = model_name(content["model"]), one_line(content["constitution"])
    recipe = one_line(content["recipe"])
    return AuditView(
        title=f"{model} as a judge",
        subtitle=f"{constitution} · recipe {recipe} · seed {content['seed']}",
        confidence=percent(content["confidence"]),
        trusts=tuple(_trust(found["trust"]) for found in objectives),
        agreements=tuple(_agreement(found, row) for found in objectives for row in found["rows"]),
        habits=tuple(_habit(found) for found in objectives),
        position=one_line(content["position"]),
        filters=_filters(content["filters"]),
        facts=_suggestion(content["suggestion"]),
        panels=_panels(content["suggestion"]),
    )


def _trust(trust: Mapping[str, Any]) -> TrustView:
    tone, symbol, word = _WORDS.get(trust["verdict"], _WORDS["no"])
    warnings = tuple(one_line(warning) for warning in trust["warnings"])
    return TrustView(tone, symbol, word, one_line(trust["sentence"]), warnings)


def _agreement(found: Mapping[str, Any], row: Mapping[str, Any]) -> AgreementView:
    agreement, length = row["agreement"], row["length"]
    thirds = [_share(third["accuracy"]["value"]) for third in agreement["thirds"]]
    smallest, middle, largest = thirds or ["–"] * 3
    return AgreementView(
        objective=one_line(found["objective"]),
        source=one_line(row["source"]),
        out_of_fold=row["out_of_fold"],
        judge=one_line(row["judge"]),
        control=row["judge"] != "this judge",
        pairs=agreement["pairs"],
        prompts=agreement["prompts"],
        missing=agreement["missing"],
        accuracy=_shares(agreement["accuracy"]),
        auc=_figures(agreement["auc"]),
        tau=_figures(agreement["tau"]),
        thirds=(smallest, middle, largest),
        shorter=_share(length["better_shorter"]["value"]),
        longer=_share(length["better_longer"]["value"]),
        correlation=signed(length["correlation"]),
    )


def _habit(found: Mapping[str, Any]) -> HabitView:
    saturation, retest, attack = found["saturation"], found["retest"], found["attack"]
    return HabitView(
        objective=one_line(found["objective"]),
        scores=saturation["scores"],
        top=_share(saturation["top"]),
        bottom=_share(saturation["bottom"]),
        ties=_share(saturation["ties"]),
        deviation=number(saturation["deviation"]),
        retest=number(retest["deviation"], 3) if retest else "–",
        attack=_gain(attack["gain"]) if attack else "–",
        worst=signed(attack["worst"]) if attack else "–",
    )


def _filters(filters: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if filters is None:
        return None
    reasons = [(one_line(reason), found) for reason, found in filters["reasons"]]
    return {**filters, "source": one_line(filters["source"]), "reasons": reasons}


def _suggestion(suggestion: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    tau, share, delta = (suggestion[key] for key in ("tau", "tau_share", "delta"))
    up_to = f" ({share:.0%} of prompts)" if share is not None else ""
    return (
        ("τ (denoising.tau)", f"{tau:.3g}{up_to}" if tau is not None else "–"),
        ("How τ was found", one_line(suggestion["tau_rule"])),
        ("δ (pairing.delta)", f"{delta:.3g} points" if delta is not None else "–"),
        ("How δ was found", one_line(suggestion["delta_rule"])),
    )


def _panels(suggestion: Mapping[str, Any]) -> tuple[Panel, ...]:
    points = suggestion["curve"]
    if len(points) < 2:
        return ()
    measure = "RV" if suggestion["measure"] == "RV" else "Accuracy"
    title = f"{measure} by det Σ"
    series = Series(
        measure,
        "after",
        [point["value"] for point in points],
        [100 * point["share"] for point in points],
    )
    note = (
        "Agreement with the second judge on the candidates of the same prompt."
        if measure == "RV"
        else "Share of labelled pairs in the right order."
    )
    along = "% of prompts, smallest det Σ first"
    return (curves(title, measure, [series], along=along, note=note),)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _shares(found: Mapping[str, Any]) -> str:
    if found["low"] is None:
        return _share(found["value"])
    return f"{_share(found['value'])} [{_share(found['low'])}, {_share(found['high'])}]"


def _figures(found: Mapping[str, Any]) -> str:
    if found["low"] is None:
        return number(found["value"])
    return f"{number(found['value'])} [{number(found['low'])}, {number(found['high'])}]"


def _gain(found: Mapping[str, Any]) -> str:
    if found["low"] is None:
        return signed(found["value"])
    return f"{signed(found['value'])} [{signed(found['low'])}, {signed(found['high'])}]"
