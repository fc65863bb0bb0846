"""The data half of the method for one run: from prompts to scored responses, verdicts, pairs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from primum.constitution import Constitution
from primum.engines.base import Engine
from primum.judging import Item, Judge, complete, judge_all, scores_table
from primum.progress import Progress
from primum.prompts import Prompt
from primum.recipe.schema import Pairing, Recipe, WithinPromptSD
from primum.synthesis.filters import Scored, denoise, verdicts_table
from primum.synthesis.order import Order
from primum.synthesis.pairs import Pair, make_pairs, pairs_table
from primum.synthesis.refine import refine
from primum.synthesis.responses import Response, responses_table
from primum.synthesis.sample import sample
from primum.synthesis.within import within_prompt_sd


@dataclass(frozen=True)
class Synthesis:
    """The scored responses of a run."""

    responses: pa.Table
    scores: pa.Table


def synthesise(
    engine: Engine,
    judge: Judge,
    prompts: Sequence[Prompt],
    constitution: Constitution,
    recipe: Recipe,
    progress: Progress,
) -> Synthesis:
    """Sampling, judging, refining, judging again (METHOD steps 1 to 3).

    Args:
        engine: Runs the model itself.
        judge: Scores candidates and refinements alike.
        prompts: The training prompts.
        constitution: The objectives.
        recipe: All settings.
        progress: Is told of every model call.
    """
    by_id = {prompt.prompt_id: prompt for prompt in prompts}
    candidates = sample(engine, prompts, recipe.sampling, seed=recipe.seed, progress=progress)
    scores = judge_all(judge, _items(candidates, by_id), stage="judge", progress=progress)
    refinements = refine(
        engine,
        prompts,
        _by_prompt(candidates),
        complete(scores),
        constitution,
        recipe.refinement,
        seed=recipe.seed,
        progress=progress,
    )
    scores |= judge_all(
        judge, _items(refinements, by_id), stage="judge refinements", progress=progress
    )
    responses = [*candidates, *refinements]
    names = [objective.name for objective in constitution.objectives]
    return Synthesis(
        responses_table(responses),
        scores_table(scores, {r.response_id: r.prompt_id for r in responses}, names),
    )


def judge_prompts(
    synthesis: Synthesis, prompt_ids: Sequence[str], constitution: Constitution, recipe: Recipe
) -> pa.Table:
    """Both filters (METHOD steps 4 and 5), as the `verdicts` table."""
    scored = gather(synthesis, prompt_ids, constitution)
    order = make_order(constitution, recipe.pairing, scored)
    return verdicts_table(denoise(scored, recipe.denoising, order))


def pair_up(
    synthesis: Synthesis,
    verdicts: pa.Table,
    prompts: Sequence[Prompt],
    constitution: Constitution,
    recipe: Recipe,
) -> pa.Table:
    """The preference pairs of the prompts that were kept (METHOD step 6), as the `pairs` table."""
    scored = gather(synthesis, [prompt.prompt_id for prompt in prompts], constitution)
    order = make_order(constitution, recipe.pairing, scored)
    rows = synthesis.responses.select(["response_id", "text"]).to_pylist()
    texts = {row["response_id"]: row["text"] for row in rows}
    by_id = {s.prompt_id: s for s in scored}
    pairs: list[Pair] = []
    for verdict in verdicts.to_pylist():
        if verdict["kept"]:
            of_prompt = by_id[verdict["prompt_id"]]
            refinement = verdict["refinement_id"]
            everything = dict(of_prompt.candidates)
            if refinement is not None:
                everything[refinement] = of_prompt.refinements[refinement]
            pairs += make_pairs(of_prompt.prompt_id, everything, texts, recipe.pairing, order)
    names = [objective.name for objective in constitution.objectives]
    messages = {prompt.prompt_id: prompt.messages for prompt in prompts}
    return pairs_table(pairs, messages, texts, names)


def gather(
    synthesis: Synthesis, prompt_ids: Sequence[str], constitution: Constitution
) -> list[Scored]:
    """The complete score vectors by prompt; a response with a missing score is left out."""
    names = [objective.name for objective in constitution.objectives]
    values: dict[str, dict[str, float]] = {}
    for row in synthesis.scores.to_pylist():
        if row["value"] is not None:
            values.setdefault(row["response_id"], {})[row["objective"]] = row["value"]
    vectors = {
        response: tuple(of_response[name] for name in names)
        for response, of_response in values.items()
        if len(of_response) == len(names)
    }
    kinds: dict[str, dict[str, list[str]]] = {
        prompt_id: {"candidate": [], "refinement": []} for prompt_id in prompt_ids
    }
    columns = synthesis.responses.select(["response_id", "prompt_id", "kind"])
    for row in columns.to_pylist():
        if row["prompt_id"] in kinds:
            kinds[row["prompt_id"]][row["kind"]].append(row["response_id"])
    return [
        Scored(
            prompt_id,
            {name: vectors[name] for name in found["candidate"] if name in vectors},
            {name: vectors[name] for name in found["refinement"] if name in vectors},
            sum(name not in vectors for name in found["refinement"]),
        )
        for prompt_id, found in kinds.items()
    ]


def make_order(constitution: Constitution, settings: Pairing, scored: Sequence[Scored]) -> Order:
    """The order of this run: thresholds and bin widths in points of the scale."""
    names = [objective.name for objective in constitution.objectives]
    thresholds = [
        settings.thresholds.get(objective.name, objective.threshold)
        for objective in constitution.objectives
    ]
    if isinstance(settings.bin, WithinPromptSD):
        deviations = within_prompt_sd(scored) or (0.0,) * len(names)
        widths = tuple(settings.bin.within_prompt_sd * deviation for deviation in deviations)
    else:
        widths = (settings.bin,) * len(names)
    return Order(tuple(float("inf") if t is None else t for t in thresholds), widths)


def _items(responses: Iterable[Response], prompts: Mapping[str, Prompt]) -> dict[str, Item]:
    return {
        response.response_id: Item(prompts[response.prompt_id].messages, response.text)
        for response in responses
    }


def _by_prompt(responses: Iterable[Response]) -> dict[str, list[Response]]:
    grouped: dict[str, list[Response]] = {}
    for response in responses:
        grouped.setdefault(response.prompt_id, []).append(response)
    return grouped
