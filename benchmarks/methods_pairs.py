"""What the pairs of a setting teach, on training prompts alone: bins, thresholds, margins, rules.

Builds pairs anew from responses that finished runs sampled and judged, and asks how far the
preferred response is ahead, in deviations of all responses of its run: by the teacher, whose scores
made the pairs; by the examiner, a probe on other exemplars and layers; and by judges that are
fitted on human labels and that no run saw (`methods_judges`): `words`, and one for each of
--encoders. No held-out prompt is read and nothing is trained.

- `pairs_lead_SETTING_OBJECTIVE_JUDGE`: mean lead of the preferred response, over all runs.
- `pairs_second_SETTING`: share of the pairs that the second objective decided.
- `pairs_agree_JUDGE_OBJECTIVE_JUDGE_OBJECTIVE`: correlation of two scores within prompts.

    python benchmarks/methods_pairs.py RUN [RUN …] [--encoders MODEL …]
"""

import argparse
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from figures import figure
from human_labels import require_data
from methods_bench import model_name
from methods_encoder import EncoderFeatures
from methods_judges import Scorer, encoder_kind, fit, words_kind
from methods_labels import human_labels
from primum.constitution import load_constitution
from primum.judging import Item, judge_all
from primum.messages import from_dicts
from primum.progress import Silent
from primum.prompts import load_prompts
from primum.recipe import load_recipe
from primum.run.models import LoadedModels
from primum.statistics.cluster_bootstrap import cluster_mean
from primum.store.calls import CallStore
from primum.synthesis.pairs import build_pairs
from primum.synthesis.responses import Synthesis
from quickstart import BENCH, MODEL, OBJECTIVES

BINS = "pairing.bin={within_prompt_sd: %s}"
SETTINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "as_it_is": ("", ()),
    "bins_of_a_quarter": ("", (BINS % 0.25,)),
    "bins_of_half_a_deviation": ("", (BINS % 0.5,)),
    "bins_of_a_deviation": ("", (BINS % 1,)),
    "bins_of_two": ("", (BINS % 2,)),
    "margin_1": ("", ("pairing.delta=1",)),
    "margin_3": ("", ("pairing.delta=3",)),
    "no_thresholds": ("", ("pairing.use_thresholds=false",)),
    "pareto_only": ("", ("pairing.pareto_only=true",)),
    "first_alone": ("+methods/pairs-first", ()),
    "second_alone": ("+methods/pairs-second", ()),
    "safe": ("+methods/safedpo", ()),
}
"""What is laid over the recipe `quickstart`: recipes, and settings."""
OF_RUNS = ("teacher", "examiner")
"""Judges that a run has of its own."""

Array = npt.NDArray[np.float64]
Column = tuple[str, str]
"""A judge and an objective."""


@dataclass(frozen=True)
class Scored:
    """The responses of a run, by all judges.

    Attributes:
        run: Its folder.
        columns: Of the scores.
        prompts: The prompt's id of every response, by the response's id.
        scores: Of every response, in the order of the columns and in deviations of all.
    """

    run: Path
    columns: tuple[Column, ...]
    prompts: Mapping[str, str]
    scores: Mapping[str, Array]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("runs", type=Path, nargs="+", help="folders of finished runs")
    arguments.add_argument("--encoders", nargs="+", default=[], metavar="MODEL")
    given = arguments.parse_args()
    require_data()
    os.environ["XDG_CACHE_HOME"] = str(BENCH / "cache")
    scorers = fitted(given.encoders)
    with CallStore(BENCH / "pairs.sqlite") as calls:
        scored = [score(run, scorers, calls) for run in given.runs]
    report_agreement(scored)
    for name in SETTINGS:
        report_setting(name, scored)


def fitted(encoders: Sequence[str]) -> dict[Column, Scorer]:
    """The judges on human labels.

    Args:
        encoders: Names or folders of the models that judges read, beside the one that reads words.
    """
    kinds = [
        words_kind(),
        *(encoder_kind(model_name(name), EncoderFeatures.load(name)) for name in encoders),
    ]
    labels = human_labels()
    return {(kind.name, name): fit(kind, labels[name]) for kind in kinds for name in OBJECTIVES}


def score(run: Path, scorers: Mapping[Column, Scorer], calls: CallStore) -> Scored:
    """Has the examiner and the judges on human labels judge what the run's teacher has judged."""
    rows = pq.read_table(run / "responses.parquet").to_pylist()
    rows = [row for row in rows if row["missing"] is None]
    table = pq.read_table(run / "prompts.parquet").to_pylist()
    messages = {row["prompt_id"]: from_dicts(row["messages"]) for row in table}
    items = {
        row["response_id"]: Item(
            messages[row["prompt_id"]], row["text"], cut=row["finish"] == "length"
        )
        for row in rows
    }
    teacher = defaultdict[str, dict[str, float]](dict)
    for row in pq.read_table(run / "scores.parquet").to_pylist():
        teacher[row["response_id"]][row["objective"]] = row["value"]
    constitution = load_constitution(run / "constitution.yaml")
    recipe = load_recipe("quickstart")
    with LoadedModels(recipe, constitution, calls, Silent(), base=MODEL) as models:
        (examiner,) = models.examiners(MODEL)
        examined = judge_all(examiner.judge, items, stage="examine", progress=Silent())
    texts = [(item.messages[-1].content, item.response) for item in items.values()]
    of_run = [
        [
            *(teacher[name].get(objective) for objective in OBJECTIVES),
            *(found.value for found in examined[name]),
        ]
        for name in items
    ]
    by_people = np.stack([judge(texts) for judge in scorers.values()], axis=1)
    raw = np.hstack([np.array(of_run, dtype=np.float64), by_people])
    scores = raw / np.nanstd(raw, axis=0)
    prompts = {row["response_id"]: row["prompt_id"] for row in rows}
    own = ((judge, objective) for judge in OF_RUNS for objective in OBJECTIVES)
    return Scored(run, (*own, *scorers), prompts, dict(zip(items, scores, strict=True)))


def report_agreement(scored: Sequence[Scored]) -> None:
    """How scores of one prompt's responses go together."""
    centred = np.concatenate([part for each in scored for part in around_prompts(each)])
    centred = centred[np.isfinite(centred).all(axis=1)]
    correlations = np.corrcoef(centred.T)
    columns = enumerate(scored[0].columns)
    for (one, (judge, objective)), (other, against) in combinations(columns, 2):
        name = "_".join(("pairs_agree", judge, objective, *against))
        value = round(float(correlations[one, other]), 3)
        figure(name, value, "correlation", responses=len(centred))


def around_prompts(scored: Scored) -> Iterator[Array]:
    """Scores of each prompt's responses around their mean."""
    groups = defaultdict[str, list[Array]](list)
    for name, values in scored.scores.items():
        groups[scored.prompts[name]].append(values)
    for group in groups.values():
        yield np.stack(group) - np.nanmean(group, axis=0)


def report_setting(name: str, scored: Sequence[Scored]) -> None:
    """How far the preferred responses of a setting are ahead."""
    leads: list[Array] = []
    second: list[bool] = []
    prompts: list[str] = []
    for each in scored:
        for pair in pairs_of(each.run, name):
            leads.append(each.scores[pair["chosen_id"]] - each.scores[pair["rejected_id"]])
            second.append(pair["decided_by"] == OBJECTIVES[1])
            prompts.append(pair["prompt_id"])
    share = round(float(np.mean(second)), 3)
    counts = {"pairs": len(leads), "prompts": len(set(prompts)), "runs": len(scored)}
    figure(f"pairs_second_{name}", share, "share", **counts)
    for place, (judge, objective) in enumerate(scored[0].columns):
        values = np.array(leads)[:, place]
        there = np.isfinite(values)
        clusters = [prompt for prompt, known in zip(prompts, there, strict=True) if known]
        found = cluster_mean(values[there], clusters, seed=0)
        figure(
            f"pairs_lead_{name}_{objective}_{judge}",
            round(found.value or 0.0, 3),
            "SD of responses",
            low=found.low and round(found.low, 3),
            high=found.high and round(found.high, 3),
        )


def pairs_of(run: Path, name: str) -> Iterator[dict[str, Any]]:
    """The pairs that a setting makes of the run's responses."""
    over, settings = SETTINGS[name]
    recipe = load_recipe(f"quickstart{over}", settings)
    responses, scores, verdicts = (
        pq.read_table(run / f"{table}.parquet") for table in ("responses", "scores", "verdicts")
    )
    found = load_prompts(str(run / "prompts.parquet"), heldout=0.2, seed=0).prompts
    train = [prompt for prompt in found if prompt.split == "train"]
    constitution = load_constitution(run / "constitution.yaml")
    synthesis = [Synthesis(responses, scores)]
    for part in build_pairs(synthesis, [verdicts], train, constitution, recipe.pairing):
        yield from part.table.to_pylist()


if __name__ == "__main__":
    main()
