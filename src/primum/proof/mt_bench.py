"""`primum evaluate mt-bench`: models answer both turns, and one judge rates as published."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from primum.engines.base import Engine
from primum.errors import UserError
from primum.evaluation.benchmarks.mt_bench import (
    MtBench,
    MtResult,
    load_mt_bench,
    mt_bench_answers,
    mt_bench_ratings,
    mt_gain,
    mt_result,
)
from primum.judging.kinds import judging_model
from primum.progress import Progress, Silent
from primum.proof.answerers import Answerer, answerers_of
from primum.proof.inputs import GOALS, constitution_of, recipe_of
from primum.proof.kept import check_place, open_calls
from primum.recipe import Recipe, dump_recipe
from primum.report.drawing.text import model_name, one_line, plural
from primum.run.layout import RECIPE
from primum.run.models import LoadedModels, loader_of
from primum.statistics.interval import Interval
from primum.store.files import write_json, write_table, write_text

MT_BENCH = "mt-bench"
"""What the benchmark is called in the place of prompts."""
STAGE = "mt-bench"
"""What calls are booked under."""
FIGURES = "mt_bench.json"
RATINGS = "mt_bench.parquet"
"""Every answer and rating: a row per model, question and turn."""
COMPARABLE = "published figures are GPT-4's ratings; another judge's compare with its own alone"


@dataclass(frozen=True)
class MtEvaluation:
    """What one judge's ratings say of several models.

    Attributes:
        judge: The model that rated.
        results: By model, in the order in which they were named.
        gains: By every model but the first, how much higher it is rated than the first one.
        notes: What has to be known of the figures, in sentences.
    """

    judge: str
    results: Mapping[str, MtResult]
    gains: Mapping[str, Interval]
    notes: tuple[str, ...]

    @property
    def ratings(self) -> pa.Table:
        """Rows of `MT_RATINGS`, each with its model in the column `answerer`."""
        tables = []
        for label, result in self.results.items():
            names = pa.array([label] * len(result.ratings), pa.string())
            tables.append(result.ratings.add_column(0, "answerer", names))
        return pa.concat_tables(tables)

    def to_json(self) -> dict[str, Any]:
        """The figures as plain data."""
        return {
            "judge": self.judge,
            "models": {label: result.to_json() for label, result in self.results.items()},
            "gains": {label: asdict(gain) for label, gain in self.gains.items()},
            "notes": list(self.notes),
        }


def evaluate_mt_bench(
    *,
    models: Sequence[str],
    data_dir: Path | None = None,
    recipe: str | Path | Recipe | None = None,
    overrides: Sequence[str] = (),
    out: str | Path | None = None,
    progress: Progress | None = None,
    engine: Engine | Callable[[str], Engine] | None = None,
) -> MtEvaluation:
    """Runs MT-Bench on models, and compares them with the first one.

    With `out` the same call goes on where it was: finished model calls are not made again.

    Args:
        models: Model names and folders, adapters, finished runs, or `openai:NAME`.
        data_dir: A folder of copies of the benchmark's files; see `load_mt_bench`.
        recipe: A built-in name, a file, or the object: `judging.model` rates, or the first model
            where it names none.
        overrides: Settings over the recipe's, such as `judging.model=openai:NAME`.
        out: A folder for figures, ratings and finished calls; None for nowhere.
        progress: Is told of what takes time.
        engine: Runs the first model, in the place of the recipe's engine; or makes the engine of
            any model by its name.

    Raises:
        UserError: If an input is wrong; the message says which, where, and what to do.
    """
    watcher, place = progress or Silent(), Path(out) if out else None
    settings = recipe_of(recipe, overrides)
    check_place(place)
    names = _models(answerers_of(models))
    first = next(iter(names.values()))
    judge = judging_model(settings.judging, policy=first, base=first)
    data = load_mt_bench(data_dir)
    watcher.note(data.note)
    with open_calls(place, watcher, STAGE) as calls:
        load = loader_of(engine, first)
        loaded = LoadedModels(settings, constitution_of(GOALS), calls, watcher, load, None)
        results = _rated(names, judge, data, loaded, watcher)
    tables = {label: result.ratings for label, result in results.items()}
    before, *others = tables
    found = MtEvaluation(
        judge=model_name(judge),
        results=results,
        gains={
            label: mt_gain(tables[before], tables[label], seed=settings.seed) for label in others
        },
        notes=(data.note, *_lacking(tables), COMPARABLE),
    )
    if place:
        write_json(place / FIGURES, found.to_json())
        write_table(place / RATINGS, found.ratings)
        write_text(place / RECIPE, dump_recipe(settings))
    return found


def _models(answerers: Sequence[Answerer]) -> dict[str, str]:
    """The models by their labels.

    Raises:
        UserError: If a file of answers is among them.
    """
    found = {}
    for answerer in answerers:
        if answerer.model is None:
            raise UserError(
                f"mt-bench asks models two turns, and {one_line(str(answerer.file))} is a file of "
                "answers; name a model, a run, or openai:NAME"
            )
        found[answerer.label] = answerer.model
    return found


def _lacking(tables: Mapping[str, pa.Table]) -> tuple[str, ...]:
    """That ratings are missing, with the reason that is most frequent.

    Args:
        tables: Rows of `MT_RATINGS` by model.
    """
    said = []
    for label, table in tables.items():
        reasons = Counter(filter(None, table.column("missing").to_pylist()))
        for reason, _ in reasons.most_common(1):
            of = f"{reasons.total()} of {plural(len(table), 'rating')} of {one_line(label)}"
            said.append(f"missing: {of}; most often, {one_line(reason)}")
    return tuple(said)


def _rated(
    names: Mapping[str, str], judge: str, data: MtBench, loaded: LoadedModels, progress: Progress
) -> dict[str, MtResult]:
    """Every model's answers, rated; one model at a time is in memory.

    Args:
        names: The models by their labels.
        judge: The model that rates.
        data: The benchmark.
        loaded: Runs models; holds the recipe.
        progress: Is told of every answer and rating.
    """
    recipe, answers = loaded.recipe, {}
    for label, model in names.items():
        with replace(loaded, _engines={}, _judges={}, _classifiers={}) as alone:
            answers[label] = mt_bench_answers(
                alone.engine(model),
                data,
                seed=recipe.seed,
                progress=progress,
                thinking=recipe.sampling.thinking,
            )
    with replace(loaded, _engines={}, _judges={}, _classifiers={}) as judging:
        rater = judging.engine(judge)
        tables = {
            label: mt_bench_ratings(rater, data, given, progress=progress)
            for label, given in answers.items()
        }
    return {label: mt_result(table, seed=recipe.seed) for label, table in tables.items()}
