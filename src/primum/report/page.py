"""The report: one page that needs nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from primum.evaluation.endings import Endings
from primum.report.browsing.assembly import Browsing, browse, page_script, page_style
from primum.report.cost.stages import RunCost, run_cost
from primum.report.data import RunData
from primum.report.drawing.marks import Panel
from primum.report.drawing.rendering import fill
from primum.report.drawing.text import model_name, one_line, percent
from primum.report.endings import ending_warnings, response_endings
from primum.report.examples import Example, choose_examples
from primum.report.facts import Facts, environment_facts, missing_scores, run_facts
from primum.report.funnel import FunnelStep, funnel
from primum.report.judge import judge_sentences
from primum.report.learning import learning_facts, learning_panels
from primum.report.pairing import (
    CategoryRow,
    PairFacts,
    category_rows,
    pair_facts,
    pair_panels,
    pair_warnings,
)
from primum.report.proof.banner import Banner, banner
from primum.report.proof.categories import CategoryGains, categories
from primum.report.proof.effects import Effect, effects
from primum.report.proof.guards import GuardFigures, guard_rows
from primum.report.proof.judges import JudgeText, judge_texts
from primum.report.proof.panels import gain_scatters
from primum.report.proof.plane import plane
from primum.report.proof.stories import Story, stories
from primum.report.reproduce.commands import VERIFY, install_command, run_again
from primum.report.reproduce.recipe import ChangedSetting, changes, recipe_text
from primum.report.thoughts import ThoughtScores, thought_scores
from primum.report.untrained import way_named
from primum.store.files import write_text

TEMPLATE = Path(__file__).parent / "templates" / "report.html.j2"


@dataclass(frozen=True)
class Page:
    """All that the template shows; every text in it is escaped there.

    Attributes:
        title: What the page is about.
        subtitle: The run in a line.
        trained: Whether anything was trained; otherwise there is nothing to show of it.
        banner: The verdict.
        confidence: Of the intervals, as a percentage.
        guards: What no objective names, the broken ones first.
        judges: Who judged the answers.
        shown_by: The judge whose scores are shown prompt by prompt.
        judge: What has to be known of the judge that made the pairs.
        hashes: Of what the verdict rests on, by name.
        cut: Which pairs are kept of an answer that was cut with one that ended.
        collapsed: Whether training made the preferred responses unlikely too.
        browsing: What people look through: held-out prompts, dropped prompts, pairs.
        stories: What became of each objective.
        plane: The first two objectives; None where there is nothing to draw.
        scatters: The first objective against each later one.
        cost: Time, calls and tokens by stage.
        recipe: Every setting as YAML.
        changes: The settings that are not the defaults.
        commands: What makes the run again, each with what it does.
        sections: Made elsewhere, from a template of their own.
    """

    title: str
    subtitle: str
    trained: bool
    banner: Banner
    confidence: str
    guards: tuple[GuardFigures, ...]
    judges: tuple[JudgeText, ...]
    shown_by: str
    judge: tuple[str, ...]
    hashes: Facts
    objectives: tuple[str, ...]
    effects: tuple[Effect, ...]
    stories: tuple[Story, ...]
    plane: Panel | None
    scatters: tuple[Panel, ...]
    categories: tuple[CategoryGains, ...]
    examples: tuple[Example, ...]
    funnel: tuple[FunnelStep, ...]
    missing_scores: Facts
    endings: tuple[Endings, ...]
    ending_warnings: tuple[str, ...]
    cut: str
    thoughts: tuple[ThoughtScores, ...]
    pairs: PairFacts
    pair_categories: tuple[CategoryRow, ...]
    threshold_warnings: tuple[str, ...]
    pair_panels: tuple[Panel, ...]
    collapsed: bool
    learning_facts: Facts
    learning_panels: tuple[Panel, ...]
    run_facts: Facts
    environment: Facts
    browsing: Browsing
    cost: RunCost
    recipe: str
    changes: tuple[ChangedSetting, ...]
    commands: tuple[tuple[str, str], ...]
    sections: tuple[Markup, ...]


def write_report(data: RunData, path: Path, sections: Sequence[Markup] = ()) -> None:
    """Writes `report.html`, whole or not at all.

    Args:
        data: The finished run.
        path: Where the page goes.
        sections: More sections, such as an audit's, each made by `drawing.rendering.fill`.
    """
    write_text(path, render(assemble(data, sections)))


def assemble(data: RunData, sections: Sequence[Markup] = ()) -> Page:
    """Works out all that the page shows.

    Args:
        data: The finished run.
        sections: See `write_report`.
    """
    constitution = one_line(data.constitution_name)
    evaluation = data.tables["evaluation"]
    ended = response_endings(data.tables)
    return Page(
        title=f"{model_name(data.model)}, {way_named(data.recipe)}",
        subtitle=f"{constitution} · recipe {one_line(data.recipe.name)} · seed {data.recipe.seed}",
        trained=data.training is not None,
        banner=banner(data.gate),
        confidence=percent(data.gate.confidence),
        guards=guard_rows(data.gate),
        judges=judge_texts(data.gate),
        shown_by=one_line(_first_examiner(data)),
        judge=judge_sentences(data.recipe.judging, data.objectives),
        hashes=tuple((one_line(name), one_line(of)) for name, of in data.gate.evidence.items()),
        objectives=tuple(one_line(objective) for objective in data.objectives),
        effects=effects(data.gate),
        stories=stories(data),
        plane=plane(data),
        scatters=gain_scatters(data),
        categories=categories(evaluation, data.objectives),
        examples=choose_examples(evaluation, data.objectives),
        funnel=funnel(data.tables),
        missing_scores=missing_scores(data),
        endings=ended,
        ending_warnings=ending_warnings(ended),
        cut=data.recipe.pairing.cut,
        thoughts=thought_scores(data),
        pairs=pair_facts(data),
        pair_categories=category_rows(data),
        threshold_warnings=tuple(map(one_line, pair_warnings(data))),
        pair_panels=pair_panels(data),
        collapsed=data.training is not None and data.training.collapsed,
        learning_facts=learning_facts(data),
        learning_panels=learning_panels(data),
        run_facts=run_facts(data),
        environment=environment_facts(data.environment),
        browsing=browse(data),
        cost=run_cost(data),
        recipe=recipe_text(data.recipe),
        changes=changes(data.recipe),
        commands=_commands(data),
        sections=tuple(sections),
    )


def _commands(data: RunData) -> tuple[tuple[str, str], ...]:
    """What to enter in the run's folder, each with what it does."""
    versions = install_command(data.environment)
    return (
        *([("Install the same versions", versions)] if versions else []),
        ("Make the run again, in the folder `again`", run_again(data)),
        ("Or only work out the verdict again, without any model", VERIFY),
    )


def _first_examiner(data: RunData) -> str:
    """The judge whose scores stand in the table of both sides; see `RunData.tables`."""
    return next((judge.name for judge in data.gate.judges if judge.role == "examiner"), "no judge")


def render(page: Page) -> str:
    """The page as HTML; `fill` says how untrusted text in it is kept from acting."""
    return fill(TEMPLATE, page, style=page_style(), script=page_script())
