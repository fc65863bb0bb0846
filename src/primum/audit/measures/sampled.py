"""Candidates with their scores, and what the filters decide: a run's, or a small sample's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from primum.audit.measures.scoring import judge_items
from primum.constitution import Constitution
from primum.engines.base import Engine
from primum.judging import Judge
from primum.judging.scores import values_of
from primum.messages import Messages, from_dicts
from primum.progress import Progress
from primum.prompts import Prompt
from primum.recipe import Recipe
from primum.run.layout import DECISIONS, PROMPTS, RESPONSES, SCORES
from primum.statistics.judges.rv import Judged
from primum.store.files import read_table
from primum.synthesis.filters import apply_filters
from primum.synthesis.informativeness import covariance_determinant
from primum.synthesis.responses import Synthesis, joined, read_responses
from primum.synthesis.sample import sample
from primum.synthesis.scored import score_vectors
from primum.synthesis.synthesise import synthesise


@dataclass(frozen=True)
class Sampled:
    """Prompts with scored candidates.

    Attributes:
        source: Where they come from, in words.
        prompts: The conversations by prompt id.
        categories: What their file calls each kind, by prompt id; None for those without one.
        synthesis: Responses and scores.
        decisions: What the two filters decide, as in `store.schemas`.
    """

    source: str
    prompts: dict[str, Messages]
    categories: dict[str, str | None]
    synthesis: Synthesis
    decisions: pa.Table


@dataclass(frozen=True, slots=True)
class FilterYield:
    """How many prompts the two filters leave (docs/method.md, steps 4 and 5).

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


def sample_candidates(
    engine: Engine,
    judge: Judge,
    prompts: Sequence[Prompt],
    constitution: Constitution,
    recipe: Recipe,
    progress: Progress,
) -> Sampled:
    """Samples, judges and refines as a run would, on few prompts.

    Args:
        engine: Runs the model.
        judge: Scores the candidates.
        prompts: Those too long for the model's context are left out.
        constitution: What is judged by.
        recipe: Its sampling, refinement and filters are used.
        progress: Is told of every answer and every judgement.
    """
    room = engine.context - recipe.sampling.max_tokens
    fitting = [p for p in prompts if engine.count(p.messages) <= room]
    made = joined(
        synthesise(
            engine,
            judge,
            fitting,
            constitution,
            recipe.sampling,
            recipe.refinement,
            recipe.seed,
            progress,
        )
    )
    [decisions] = apply_filters([made], constitution, recipe.denoising, recipe.pairing)
    return Sampled(
        source=f"a sample of {len(fitting)} prompts",
        prompts={prompt.prompt_id: prompt.messages for prompt in fitting},
        categories={prompt.prompt_id: prompt.category for prompt in fitting},
        synthesis=made,
        decisions=decisions,
    )


def read_sampled(run: Path, sample: int | None) -> Sampled:
    """The candidates of a run.

    Args:
        run: The run directory.
        sample: How many of its training prompts; None for all.
    """
    # Of several rounds the last one's, which may have had prompts of its own.
    asked = set(read_table(run / DECISIONS).column("prompt_id").to_pylist())
    rows = [row for row in read_table(run / PROMPTS).to_pylist() if row["prompt_id"] in asked]
    prompts = {row["prompt_id"]: from_dicts(row["messages"]) for row in rows}
    some = sample is not None and sample < len(prompts)
    taken = first_ids(prompts, sample) if some else list(prompts)

    def part(file: str) -> pa.Table:
        table = read_table(run / file)
        return table.filter(pc.is_in(table.column("prompt_id"), pa.array(taken, pa.string())))

    return Sampled(
        source=f"a sample of {len(taken)} of the run's {len(prompts)} prompts"
        if some
        else "the run",
        prompts={name: prompts[name] for name in taken},
        categories={row["prompt_id"]: row["category"] for row in rows},
        synthesis=Synthesis(part(RESPONSES), part(SCORES)),
        decisions=part(DECISIONS),
    )


def first_ids(ids: Iterable[str], most: int | None) -> list[str]:
    """The smallest ids. They are hashes, so that these prompts come from all over the file.

    Args:
        ids: Of prompts.
        most: How many; None for all.
    """
    return sorted(ids)[:most]


def filter_yield(sampled: Sampled) -> FilterYield:
    """Counts what the filters leave."""
    decisions = sampled.decisions
    reasons = [reason for reason in decisions.column("reason").to_pylist() if reason]
    counts = {reason: reasons.count(reason) for reason in dict.fromkeys(reasons)}
    taus = [tau for tau in decisions.column("tau").to_pylist() if tau is not None]
    return FilterYield(
        source=sampled.source,
        prompts=decisions.num_rows,
        kept=sum(decisions.column("kept").to_pylist()),
        tau=max(taus, default=None),
        reasons=tuple(sorted(counts.items(), key=lambda item: -item[1])),
    )


def judged_twice(
    sampled: Sampled, second: Judge, constitution: Constitution, progress: Progress
) -> list[Judged]:
    """The candidates of every prompt with the scores of a second judge beside their own.

    Args:
        sampled: The candidates.
        second: The second judge.
        constitution: What both judge by.
        progress: Is told of every judgement.
    """
    responses = read_responses(sampled.synthesis.responses)
    names = [objective.name for objective in constitution.objectives]
    scored = score_vectors(sampled.synthesis, list(sampled.prompts), names)
    places = [(one, name) for one in scored for name in one.candidates]
    items = [responses[name].item(sampled.prompts[one.prompt_id]) for one, name in places]
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
    """det Σ of prompts by id, over candidates drawn for them; those without one are left out.

    Args:
        engine: Runs the model.
        judge: Scores the candidates.
        prompts: Those too long for the model's context are left out.
        recipe: Its sampling is used.
        progress: Is told of every answer and every judgement.
    """
    room = engine.context - recipe.sampling.max_tokens
    fitting = [p for p in prompts if engine.count(p.messages) <= room]
    candidates = sample(engine, fitting, recipe.sampling, seed=recipe.seed, progress=progress)
    drawn = [response for response in candidates if response.missing is None]
    messages = {prompt.prompt_id: prompt.messages for prompt in fitting}
    items = [response.item(messages[response.prompt_id]) for response in drawn]
    scores = judge_items(judge, items, stage="judge", progress=progress)
    vectors: dict[str, list[tuple[float, ...]]] = {}
    for response, found in zip(drawn, scores, strict=True):
        values = values_of(found)
        if values is not None:
            vectors.setdefault(response.prompt_id, []).append(values)
    known = {name: covariance_determinant(of_prompt) for name, of_prompt in vectors.items()}
    return {name: value for name, value in known.items() if value is not None}
