"""One round of the method: synthesis, filters, pairs, training (METHOD section 2)."""

from dataclasses import asdict
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from primum.documents import dump_yaml
from primum.engines.base import Engine
from primum.engines.models.loading import model_fingerprint
from primum.errors import UserError
from primum.messages import as_dicts
from primum.prompts import Prompt
from primum.recipe import dump_recipe
from primum.run.inputs import Job
from primum.run.layout import CHECKPOINTS, MODEL, PAIRS, TRAINING, TRAINING_LOG
from primum.run.models import Workbench
from primum.seeds import derive_seed
from primum.store.directory import Run, iteration_folder
from primum.store.files import write_table, write_text
from primum.store.schemas import PROMPTS
from primum.synthesis.pipeline import Synthesis, judge_prompts, pair_up, synthesise
from primum.training.files import TrainingFiles
from primum.training.train import train

CONSTITUTION = "constitution.yaml"


def keep_prompts(job: Job, run: Run) -> str:
    """Writes the resolved recipe, the constitution and the prompts."""
    write_text(run.path / "recipe.yaml", dump_recipe(job.recipe))
    rows = [
        {
            "prompt_id": prompt.prompt_id,
            "split": prompt.split,
            "category": prompt.category,
            "messages": as_dicts(prompt.messages),
        }
        for prompt in (*job.train, *job.heldout)
    ]

    def produce() -> dict[str, Any]:
        table = pa.Table.from_pylist(rows, schema=PROMPTS)
        write_table(run.path / "prompts.parquet", table)
        constitution = job.constitution.model_dump(mode="json")
        write_text(run.path / CONSTITUTION, dump_yaml(constitution))
        return {
            "train": len(job.train),
            "heldout": len(job.heldout),
            "duplicates": job.duplicates,
            "objectives": list(job.objectives),
            "scale": list(job.constitution.scale),
        }

    inputs = {"prompts": rows, "constitution": job.constitution.fingerprint}
    return run.stage("prompts", inputs, ("prompts.parquet", CONSTITUTION), produce)


def improve(job: Job, run: Run, bench: Workbench, policy: str, number: int) -> str:
    """One round: from the policy's own answers to a better policy.

    Args:
        job: The inputs.
        run: Where this round's tables and model go.
        bench: Engines and judges.
        policy: The model to start from.
        number: Which round, counted from 1.

    Returns:
        The folder of the better model.
    """
    synthesis = _synthesis(job, run, bench, policy, number)
    verdicts = _verdicts(job, run, synthesis)
    pairs = _pairs(job, run, synthesis, verdicts)
    return _training(job, run, bench, policy, pairs)


def draw(job: Job, bench: Workbench, policy: str, number: int) -> Synthesis:
    """The model calls of a round: sampling, judging, refining, judging again.

    Args:
        job: The inputs.
        bench: Engines and judges.
        policy: The model to start from.
        number: Which round, counted from 1.
    """
    recipe = job.recipe.model_copy(update={"seed": _round_seed(job, number)})
    with bench.calls.during(synthesis_stage(job, number)):
        engine, judge = bench.engine(policy), bench.judge(policy)
        prompts = _within_context(job, engine)
        return synthesise(engine, judge, prompts, job.constitution, recipe, bench.progress)


def synthesis_stage(job: Job, number: int) -> str:
    """Under which name the calls of a round are booked; see `run.usage`."""
    last = number == job.recipe.iterations
    return "synthesis" if last else f"{iteration_folder(number)}/synthesis"


def _round_seed(job: Job, number: int) -> int:
    """New draws in every round, or an unchanged policy would repeat itself."""
    seed = job.recipe.seed
    return seed if number == 1 else derive_seed(seed, "round", number)


def _synthesis(job: Job, run: Run, bench: Workbench, policy: str, number: int) -> str:
    first = number == 1

    def produce() -> dict[str, Any]:
        made = draw(job, bench, policy, number)
        write_table(run.path / "responses.parquet", made.responses)
        write_table(run.path / "scores.parquet", made.scores)
        missing = made.scores.column("value").null_count
        return {
            "responses": made.responses.num_rows,
            "tokens": pc.sum(made.responses.column("tokens")).as_py() or 0,
            "missing_scores": missing,
        }

    inputs = {
        "policy": job.fingerprint if first else model_fingerprint(policy),
        "constitution": job.constitution.fingerprint,
        "prompts": [prompt.prompt_id for prompt in job.train],
        "seed": _round_seed(job, number),
        **job.judge_identity,
        **job.settings("sampling", "refinement", "judging", "engine"),
    }
    return run.stage("synthesis", inputs, ("responses.parquet", "scores.parquet"), produce)


def _verdicts(job: Job, run: Run, synthesis: str) -> str:
    def produce() -> dict[str, Any]:
        ids = [prompt.prompt_id for prompt in job.train]
        table = judge_prompts(_read(run), ids, job.constitution, job.recipe)
        write_table(run.path / "verdicts.parquet", table)
        return {"prompts": table.num_rows, "kept": pc.sum(table.column("kept")).as_py() or 0}

    inputs = {"synthesis": synthesis, **_order(job), **job.settings("denoising")}
    return run.stage("denoise", inputs, ("verdicts.parquet",), produce)


def _pairs(job: Job, run: Run, synthesis: str, verdicts: str) -> str:
    def produce() -> dict[str, Any]:
        kept = run.table("verdicts")
        table = pair_up(_read(run), kept, job.train, job.constitution, job.recipe)
        write_table(run.path / "pairs.parquet", table)
        return {"pairs": table.num_rows}

    inputs = {
        "synthesis": synthesis,
        "verdicts": verdicts,
        **_order(job),
        **job.settings("pairing"),
    }
    digest = run.stage("pairs", inputs, ("pairs.parquet",), produce)
    if run.table("pairs").num_rows == 0:
        raise UserError(_why_no_pairs(run, job))
    return digest


def _training(job: Job, run: Run, bench: Workbench, policy: str, pairs: str) -> str:
    def produce() -> dict[str, Any]:
        bench.release()
        files = TrainingFiles(
            model=run.path / MODEL,
            summary=run.path / TRAINING,
            checkpoints=run.path / CHECKPOINTS,
            log=run.path / TRAINING_LOG,
        )
        pairs_file = str(run.path / PAIRS)
        summary = train(pairs_file, policy, files, job.recipe, on_progress=bench.progress.step)
        return {key: value for key, value in asdict(summary).items() if key != "history"}

    inputs = {
        "policy": job.fingerprint if policy == job.model else model_fingerprint(policy),
        "pairs": pairs,
        "seed": job.recipe.seed,
        "engine": job.recipe.engine.model_dump(
            mode="json", include={"device", "dtype", "trust_remote_code"}
        ),
        **job.settings("training"),
    }
    run.stage("train", inputs, (MODEL, TRAINING), produce)
    return str(run.path / MODEL)


def _read(run: Run) -> Synthesis:
    return Synthesis(run.table("responses"), run.table("scores"))


def _order(job: Job) -> dict[str, Any]:
    """What the order of scores depends on."""
    return {
        "constitution_thresholds": {o.name: o.threshold for o in job.constitution.objectives},
        "order": job.recipe.pairing.model_dump(mode="json", include={"thresholds", "bin"}),
    }


def _within_context(job: Job, engine: Engine) -> tuple[Prompt, ...]:
    """The training prompts, after a check that all of them and the held-out ones fit.

    Raises:
        UserError: If a prompt with its answer is longer than the model's context.
    """
    longest = max(job.recipe.sampling.max_tokens, job.recipe.evaluation.max_tokens)
    system = max(job.recipe.sampling.system_prompts, key=len)
    # A system prompt has at most as many tokens as bytes.
    room = engine.context - longest - len(system.encode())
    for prompt in (*job.train, *job.heldout):
        tokens = engine.count(prompt.messages)
        if tokens > room:
            opening = prompt.messages[-1].content[:60]
            raise UserError(
                f"the prompt {prompt.prompt_id} ({opening!r}…) has {tokens} tokens, but beside an "
                f"answer of {longest} only {room} fit into the model's context of "
                f"{engine.context}; shorten it, or take it out"
            )
    return job.train


_REMEDIES = {
    "inconsistent": "more refinements (refinement.n), or denoising.consistency=lexicographic",
    "uninformative (det Σ = 0)": "more candidates (sampling.n) or a higher sampling.temperature",
    "unstable (det Σ > τ)": "a higher denoising.tau",
    "no refinement": "refinement.n of at least 1",
    "candidate scores missing": "another judging.kind",
    "refinement score missing": "another judging.kind",
    "too few scored candidates": "more candidates (sampling.n)",
}


def _why_no_pairs(run: Run, job: Job) -> str:
    """Which filter took the most, and what to change."""
    verdicts = run.table("verdicts")
    reasons = [reason for reason in verdicts.column("reason").to_pylist() if reason]
    if len(reasons) < verdicts.num_rows:
        return (
            f"{verdicts.num_rows - len(reasons)} prompts were kept but gave no pair with a margin "
            f"of {job.recipe.pairing.delta:g}; lower pairing.delta or pairing.bin"
        )
    counts = {reason: reasons.count(reason) for reason in dict.fromkeys(reasons)}
    most = max(counts, key=lambda reason: counts[reason])
    listed = ", ".join(f"{count} {reason}" for reason, count in counts.items())
    return f"all {len(reasons)} prompts were filtered out ({listed}); try {_REMEDIES[most]}"
