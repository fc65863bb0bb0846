"""The end of a run: answers before and after, the gate, the report and the model card."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from primum.engines.models.loading import model_fingerprint
from primum.errors import UserError
from primum.evaluation.answers import answer, evaluate
from primum.evaluation.gate import decide
from primum.evaluation.summary import read_evaluation, write_evaluation
from primum.recipe import Recipe, load_recipe
from primum.report.data import RunData, read_training
from primum.report.model_card import write_model_card
from primum.report.page import write_report
from primum.run.inputs import Job
from primum.run.models import Workbench
from primum.run.rounds import TRAINING
from primum.store.directory import Run, read_manifest
from primum.store.files import read_table, write_table
from primum.store.manifest import StageRecord

TABLES = ("prompts", "responses", "scores", "verdicts", "pairs", "evaluation")
EVALUATION = "evaluation.json"
REPORT = "report.html"
CARD = "README.md"
AUDIT = "audit.json"


def prove(job: Job, run: Run, bench: Workbench, aligned: str) -> None:
    """Answers the held-out prompts before and after, scores both, and decides the gate.

    Both models run here, for a server has not the trained one. The judge is the model as it was
    before, or the one that the recipe names, for both sides alike.
    """

    def produce() -> dict[str, Any]:
        table = compare(job, bench, aligned)
        write_table(run.path / "evaluation.parquet", table)
        return {"prompts": table.num_rows}

    def judge_gate() -> dict[str, Any]:
        result = decide(
            run.table("evaluation"),
            job.objectives,
            job.recipe.gate,
            job.recipe.evaluation,
            job.recipe.seed,
        )
        write_evaluation(result, run.path / EVALUATION)
        return {"verdict": result.verdict}

    answers = run.stage(
        "evaluate",
        {
            "before": job.fingerprint,
            "after": model_fingerprint(aligned),
            "constitution": job.constitution.fingerprint,
            "prompts": [prompt.prompt_id for prompt in job.heldout],
            "seed": job.recipe.seed,
            "answers": job.recipe.evaluation.model_dump(include={"temperature", "max_tokens"}),
            **job.judge_identity,
            **job.settings("judging", "engine"),
        },
        ("evaluation.parquet",),
        produce,
    )
    run.stage(
        "gate",
        {"answers": answers, "seed": job.recipe.seed, **job.settings("gate", "evaluation")},
        (EVALUATION,),
        judge_gate,
    )


def compare(job: Job, bench: Workbench, aligned: str) -> pa.Table:
    """The model calls of an evaluation, as the `evaluation` table.

    Args:
        job: The inputs.
        bench: Engines and judges.
        aligned: The model after training; `job.model` is the one before.
    """
    texts = {}
    with bench.calls.during("evaluate"):
        models = {"answer before": job.model, "answer after": aligned}
        # Both at once, since vLLM has to know of an adapter when it starts.
        engines = {stage: bench.local_engine(model) for stage, model in models.items()}
        for stage, engine in engines.items():
            texts[stage] = answer(
                engine,
                job.heldout,
                job.recipe.evaluation,
                seed=job.recipe.seed,
                stage=stage,
                progress=bench.progress,
            )
        return evaluate(
            bench.judge(job.model),
            job.heldout,
            texts["answer before"],
            texts["answer after"],
            job.constitution,
            bench.progress,
        )


def tell(recipe: Recipe, run: Run) -> None:
    """Writes the report and the model card, from the run's files alone."""

    def produce() -> dict[str, Any]:
        data = gather(run.path, recipe)
        write_report(data, run.path / REPORT)
        write_model_card(data, run.path / CARD)
        return {}

    earlier = {name: stage.digest for name, stage in run.stages.items() if name != "report"}
    run.stage("report", {"stages": earlier}, (REPORT, CARD), produce)


def read_run(path: Path) -> RunData:
    """Everything that the report shows, from a finished run's files alone.

    Raises:
        UserError: If the directory holds no finished run.
    """
    if not (path / REPORT).exists():
        raise UserError(f"the run in {path} is not finished; run the same primum align again")
    return gather(path, load_recipe(path / "recipe.yaml"))


def gather(path: Path, recipe: Recipe) -> RunData:
    """Everything that the report shows."""
    manifest = read_manifest(path)
    facts = manifest["stages"]["prompts"]["facts"]
    return RunData(
        recipe=recipe,
        constitution_name=manifest["constitution"],
        objectives=tuple(facts["objectives"]),
        scale=(facts["scale"][0], facts["scale"][1]),
        model=manifest["model"],
        tables={name: read_table(path / f"{name}.parquet") for name in TABLES},
        gate=read_evaluation(path / EVALUATION),
        training=read_training(path / TRAINING),
        environment=manifest["environment"],
        stages={name: StageRecord(**stage) for name, stage in manifest["stages"].items()},
    )
