"""Candidates with their scores and verdicts: a run's, or a small sample's."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from primum.audit.measures.scoring import judge_items
from primum.constitution import Constitution
from primum.engines.base import Engine
from primum.judging import Item, Judge
from primum.judging.scores import values_of
from primum.messages import Message, Messages
from primum.progress import Progress
from primum.prompts import Prompt
from primum.recipe import Recipe
from primum.statistics.rv import Judged
from primum.store.files import read_table
from primum.synthesis.filters import apply_filters
from primum.synthesis.informativeness import covariance_determinant
from primum.synthesis.responses import Synthesis
from primum.synthesis.sample import sample
from primum.synthesis.scored import score_vectors
from primum.synthesis.synthesise import synthesise


@dataclass(frozen=True)
class Sampled:
    """Prompts with scored candidates.

    Attributes:
        source: Where they come from, in words.
        prompts: The conversations by prompt id.
        synthesis: Responses and scores.
        verdicts: What the two filters say.
    """

    source: str
    prompts: dict[str, Messages]
    synthesis: Synthesis
    verdicts: pa.Table


@dataclass(frozen=True, slots=True)
class FilterYield:
    """How many prompts the two filters leave (METHOD steps 4 and 5).

    Attributes:
        source: Where the prompts come from, in words.
        prompts: How many there were.
        kept: How many are left.
        tau: The bound on det Σ in force; None where that filter is off.
        reasons: Why the others were dropped, with counts; the most frequent one first.
    """

    source: str
    prompts: int
    kept: int
    tau: float | None
    reasons: tuple[tuple[str, int], ...]


def draw(
    engine: Engine,
    judge: Judge,
    prompts: Sequence[Prompt],
    constitution: Constitution,
    recipe: Recipe,
    progress: Progress,
) -> Sampled:
    """Samples, judges and refines as a run would, on few prompts."""
    room = engine.context - recipe.sampling.max_tokens
    fitting = [p for p in prompts if engine.count(p.messages) <= room]
    made = synthesise(
        engine,
        judge,
        fitting,
        constitution,
        recipe.sampling,
        recipe.refinement,
        recipe.seed,
        progress,
    )
    ids = [prompt.prompt_id for prompt in fitting]
    return Sampled(
        source=f"a sample of {len(fitting)} prompts",
        prompts={prompt.prompt_id: prompt.messages for prompt in fitting},
        synthesis=made,
        verdicts=apply_filters(made, ids, constitution, recipe.denoising, recipe.pairing),
    )


def read_sampled(run: Path) -> Sampled:
    """The candidates of a run."""
    rows = read_table(run / "prompts.parquet").to_pylist()
    return Sampled(
        source="the run",
        prompts={
            row["prompt_id"]: tuple(Message(m["role"], m["content"]) for m in row["messages"])
            for row in rows
            if row["split"] == "train"
        },
        synthesis=Synthesis(
            read_table(run / "responses.parquet"), read_table(run / "scores.parquet")
        ),
        verdicts=read_table(run / "verdicts.parquet"),
    )


def filter_yield(sampled: Sampled) -> FilterYield:
    """Counts what the filters leave."""
    verdicts = sampled.verdicts
    reasons = [reason for reason in verdicts.column("reason").to_pylist() if reason]
    counts = {reason: reasons.count(reason) for reason in dict.fromkeys(reasons)}
    taus = [tau for tau in verdicts.column("tau").to_pylist() if tau is not None]
    return FilterYield(
        source=sampled.source,
        prompts=verdicts.num_rows,
        kept=sum(verdicts.column("kept").to_pylist()),
        tau=max(taus, default=None),
        reasons=tuple(sorted(counts.items(), key=lambda item: -item[1])),
    )


def judged_twice(
    sampled: Sampled, second: Judge, constitution: Constitution, progress: Progress
) -> list[Judged]:
    """The candidates of every prompt with the scores of a second judge beside their own."""
    rows = sampled.synthesis.responses.select(["response_id", "text"]).to_pylist()
    texts = {row["response_id"]: row["text"] for row in rows}
    names = [objective.name for objective in constitution.objectives]
    scored = score_vectors(sampled.synthesis, list(sampled.prompts), names)
    places = [(one, name) for one in scored for name in one.candidates]
    items = [Item(sampled.prompts[one.prompt_id], texts[name]) for one, name in places]
    scores = judge_items(second, items, stage="judge again", progress=progress)
    other = {name: values_of(found) for (_, name), found in zip(places, scores, strict=True)}
    judged = []
    for one in scored:
        names = [name for name in one.candidates if other[name] is not None]
        determinant = covariance_determinant(list(one.candidates.values()))
        if len(names) >= 2 and determinant is not None:
            own = np.array([one.candidates[name] for name in names], dtype=np.float64)
            others = np.array([other[name] for name in names], dtype=np.float64)
            judged.append(Judged(determinant, own, others))
    return judged


def determinants(
    engine: Engine,
    judge: Judge,
    prompts: Sequence[Prompt],
    recipe: Recipe,
    progress: Progress,
) -> dict[str, float]:
    """det Σ of prompts by id, over candidates drawn for them; those without one are left out."""
    room = engine.context - recipe.sampling.max_tokens
    fitting = [p for p in prompts if engine.count(p.messages) <= room]
    drawn = sample(engine, fitting, recipe.sampling, seed=recipe.seed, progress=progress)
    messages = {prompt.prompt_id: prompt.messages for prompt in fitting}
    items = [Item(messages[response.prompt_id], response.text) for response in drawn]
    scores = judge_items(judge, items, stage="judge", progress=progress)
    vectors: dict[str, list[tuple[float, ...]]] = {}
    for response, found in zip(drawn, scores, strict=True):
        values = values_of(found)
        if values is not None:
            vectors.setdefault(response.prompt_id, []).append(values)
    known = {name: covariance_determinant(of_prompt) for name, of_prompt in vectors.items()}
    return {name: value for name, value in known.items() if value is not None}
