"""The report: one page that needs nothing else."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from primum.report.data import RunData
from primum.report.drawing.marks import Panel
from primum.report.drawing.rendering import fill
from primum.report.drawing.text import model_name, one_line, percent
from primum.report.effects import (
    Banner,
    Category,
    Effect,
    banner,
    categories,
    effects,
    gain_panels,
    score_panels,
)
from primum.report.examples import Example, choose_examples
from primum.report.facts import (
    Facts,
    environment_facts,
    missing_scores,
    run_facts,
    stage_facts,
)
from primum.report.funnel import FunnelStep, funnel
from primum.report.judge import judge_sentences
from primum.report.learning import learning_facts, learning_panels
from primum.report.pairing import PairFacts, pair_facts, pair_panels
from primum.store.files import write_text

if TYPE_CHECKING:
    from primum.audit.views.page import AuditView


@dataclass(frozen=True)
class Page:
    """All that the template shows; every text in it is escaped there.

    Attributes:
        title: What the page is about.
        subtitle: The run in a line.
        banner: The verdict.
        confidence: Of the intervals, as a percentage.
        judge: What has to be known of the judge.
        collapsed: Whether training made the preferred responses unlikely too.
    """

    title: str
    subtitle: str
    banner: Banner
    confidence: str
    judge: tuple[str, ...]
    objectives: tuple[str, ...]
    effects: tuple[Effect, ...]
    gain_panels: tuple[Panel, ...]
    score_panels: tuple[Panel, ...]
    categories: tuple[Category, ...]
    examples: tuple[Example, ...]
    funnel: tuple[FunnelStep, ...]
    missing_scores: Facts
    pairs: PairFacts
    pair_panels: tuple[Panel, ...]
    collapsed: bool
    learning_facts: Facts
    learning_panels: tuple[Panel, ...]
    run_facts: Facts
    environment: Facts
    stages: tuple[tuple[str, str, str], ...]
    audit: "AuditView | None"


def write_report(data: RunData, path: Path) -> None:
    """Writes `report.html`, whole or not at all.

    Args:
        data: The finished run.
        path: Where the page goes.
    """
    write_text(path, render(assemble(data)))


def assemble(data: RunData) -> Page:
    """Works out all that the page shows."""
    from primum.audit.views.page import view_audit

    constitution = one_line(data.constitution_name)
    return Page(
        title=f"{model_name(data.model)}, aligned",
        subtitle=f"{constitution} · recipe {one_line(data.recipe.name)} · seed {data.recipe.seed}",
        banner=banner(data.gate),
        confidence=percent(data.gate.get("confidence", data.recipe.evaluation.confidence)),
        judge=judge_sentences(data.recipe.judging, data.objectives),
        objectives=tuple(one_line(objective) for objective in data.objectives),
        effects=effects(data.gate),
        gain_panels=gain_panels(data),
        score_panels=score_panels(data),
        categories=categories(data.tables["evaluation"], data.objectives),
        examples=choose_examples(data.tables["evaluation"], data.objectives),
        funnel=funnel(data.tables),
        missing_scores=missing_scores(data),
        pairs=pair_facts(data),
        pair_panels=pair_panels(data),
        collapsed=bool(data.training.get("collapsed")),
        learning_facts=learning_facts(data),
        learning_panels=learning_panels(data),
        run_facts=run_facts(data),
        environment=environment_facts(data.manifest),
        stages=stage_facts(data.manifest),
        audit=view_audit(data.audit) if data.audit else None,
    )


def render(page: Page) -> str:
    """The page as HTML.

    Everything is escaped, scripts and outside resources are forbidden by a content security policy,
    and the only style allowed is the one whose digest the policy names.
    """
    return fill("report.html.j2", page)
