"""Which settings of training suit the quickstart, on training prompts that it leaves unused.

Makes pairs and trains variants from the responses of one run of `make align` (seed 0, in
runs/bench), and has them and the starting model answer training prompts that the run did not draw:
so nothing of a held-out prompt is read. Teacher, examiner and guards see the answers as in a run.
What was chosen here stands in the recipe `quickstart`, and `benchmarks/quickstart.py` measures it
on other seeds.

    python benchmarks/quickstart_settings.py [--prompts 96] [--only NAME ...]
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from figures import figure
from primum.constitution import load_constitution
from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.answers import answer, answers_table, judge_answers
from primum.evaluation.gate import decide
from primum.evaluation.gathering import gather
from primum.judging.facts import JudgeFacts
from primum.progress import Silent
from primum.prompts import Prompt, load_prompts
from primum.recipe import Recipe, load_recipe
from primum.run.models import LoadedModels
from primum.store.calls import CallStore
from primum.store.schemas import GUARD_VALUES, LABELS
from primum.synthesis.pairs import build_pairs
from primum.synthesis.responses import Synthesis
from quickstart import BENCH, MODEL, align

OUT = BENCH / "settings"
OBJECTIVES = ("harmless", "helpful")
MADE_FROM = ("responses", "scores", "verdicts")

FORMER_RATE = "training.learning_rate=2e-4"
FORMER_BINS = "pairing.bin={within_prompt_sd: 1}"
VARIANTS: dict[str, tuple[str, ...]] = {
    "as_it_is": (),
    "rate_2e-4": (FORMER_RATE,),
    "rate_2e-4_likelihood_0.1": (FORMER_RATE, "training.likelihood=0.1"),
    "rate_2e-4_likelihood_0.3": (FORMER_RATE, "training.likelihood=0.3"),
    "rate_2e-4_drift_0.1": (FORMER_RATE, "training.max_drift=0.1"),
    "rate_2e-4_two_prompts_a_step": (FORMER_RATE, "training.prompts_per_step=2"),
    "rate_2e-4_bins": (FORMER_RATE, FORMER_BINS),
    "rate_2e-4_bins_cut_loses": (FORMER_RATE, FORMER_BINS, "pairing.cut=loses"),
    "alpha_1": ("training.alpha=1",),
    "dpo": ("training.loss=dpo",),
    "two_epochs": ("training.epochs=2",),
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--prompts", type=int, default=96)
    arguments.add_argument("--only", nargs="*", choices=VARIANTS, default=list(VARIANTS))
    given = arguments.parse_args()
    os.environ["XDG_CACHE_HOME"] = str(BENCH / "cache")
    run = align(0)
    prompts = unused_prompts(run, given.prompts)
    recipe, constitution = load_recipe("quickstart"), load_constitution("harmless-helpful")
    OUT.mkdir(parents=True, exist_ok=True)
    with (
        CallStore(OUT / "calls.sqlite") as calls,
        LoadedModels(recipe, constitution, calls, Silent(), base=MODEL) as models,
    ):
        for name in given.only:
            report(name, judged(models, trained(run, name), prompts), recipe)


def unused_prompts(run: Path, count: int) -> list[Prompt]:
    """Training prompts that the run did not draw, those with the smallest ids."""
    drawn = set(pq.read_table(run / "prompts.parquet").column("prompt_id").to_pylist())
    found = load_prompts("seed", heldout=0.2, seed=0).prompts
    unused = [one for one in found if one.split == "train" and one.prompt_id not in drawn]
    return sorted(unused, key=lambda one: one.prompt_id)[:count]


def trained(run: Path, name: str) -> Path:
    """The model of a variant, by the public command; the run's own where nothing is changed."""
    if not VARIANTS[name]:
        return run / "model"
    out = OUT / name
    if not (out / "training.json").exists():
        pairs = pairs_of(run, name)
        command = [sys.executable, "-m", "primum", "train", str(pairs), "--model", MODEL]
        command += ["--recipe", "quickstart", "--out", str(out), "seed=0", *VARIANTS[name]]
        subprocess.run(command, check=True, stdout=sys.stderr)
    return out / "model"


def pairs_of(run: Path, name: str) -> Path:
    """The pairs that a variant makes of the run's scored responses, as a file."""
    tables = {each: pq.read_table(run / f"{each}.parquet") for each in MADE_FROM}
    prompts = load_prompts(str(run / "prompts.parquet"), heldout=0.2, seed=0)
    parts = build_pairs(
        [Synthesis(tables["responses"], tables["scores"])],
        [tables["verdicts"]],
        [one for one in prompts.prompts if one.split == "train"],
        load_constitution("harmless-helpful"),
        load_recipe("quickstart", VARIANTS[name]).pairing,
    )
    file = OUT / f"{name}.parquet"
    pq.write_table(pa.concat_tables([part.table for part in parts]), file)
    return file


def judged(
    models: LoadedModels, model: Path, prompts: Sequence[Prompt]
) -> tuple[pa.Table, pa.Table, tuple[JudgeFacts, ...]]:
    """Answers before and after, and their scores by teacher and examiner."""
    sides = {BEFORE: MODEL, AFTER: str(model)}
    answers = answers_table(
        prompts,
        {
            side: answer(
                models.local_engine(name),
                prompts,
                models.recipe.evaluation,
                seed=0,
                stage=f"answer {side}",
                progress=Silent(),
            )
            for side, name in sides.items()
        },
    )
    judges = [models.teacher(MODEL), *models.examiners(MODEL)]
    scores = [
        judge_answers(each.judge, each.facts.name, answers, OBJECTIVES, Silent()) for each in judges
    ]
    facts = tuple(each.facts for each in judges)
    return answers, pa.concat_tables(scores), facts


def report(
    name: str, found: tuple[pa.Table, pa.Table, tuple[JudgeFacts, ...]], recipe: Recipe
) -> None:
    """Gains by teacher and examiner, and the guards that broke."""
    answers, scores, facts = found
    evidence = gather(
        OBJECTIVES,
        answers,
        scores,
        facts,
        guard_values=GUARD_VALUES.empty_table(),
        labels=LABELS.empty_table(),
        gate=recipe.gate,
        evaluation=recipe.evaluation,
        seed=0,
    )
    result = decide(evidence, recipe.gate, recipe.evaluation, 0)
    for objective in result.objectives:
        for shown in objective.shown:
            figure(
                f"settings_{name}_{objective.objective}_{shown.judge}",
                round(shown.gain.value, 3),
                "points",
                low=round(shown.gain.low, 3),
                high=round(shown.gain.high, 3),
                prompts=shown.gain.n,
            )
    figure(
        f"settings_{name}_broken",
        len(result.broken),
        "guards",
        broken=[guard.sentence for guard in result.broken],
        losses={guard.guard: guard.loss.value for guard in result.guards},
        verdict=result.verdict,
    )


if __name__ == "__main__":
    main()
