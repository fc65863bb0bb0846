"""Self-refinement: a better response from all candidates and their scores (METHOD step 3)."""

from collections.abc import Mapping, Sequence

from primum.constitution import Constitution, Objective
from primum.engines.base import Engine, GenerateRequest, SamplingParams
from primum.engines.messages import Message, Messages
from primum.judging.quoting import quoted
from primum.progress import Progress
from primum.prompts import Prompt
from primum.recipe.schema import Refinement
from primum.seeds import derive_seed
from primum.synthesis.responses import Response

Scores = Mapping[str, tuple[float, ...]]
"""Scores per objective, in order, by response id; responses with a missing score are absent."""


def refine(
    engine: Engine,
    prompts: Sequence[Prompt],
    candidates: Mapping[str, Sequence[Response]],
    scores: Scores,
    constitution: Constitution,
    settings: Refinement,
    *,
    seed: int,
    progress: Progress,
) -> list[Response]:
    """Draws the refinements of every prompt that has a scored candidate.

    Args:
        engine: Runs the model itself.
        prompts: The prompts x.
        candidates: The candidates by prompt id.
        scores: Their scores.
        constitution: What "better" means.
        settings: How many refinements are drawn, and how.
        seed: The run's seed.
        progress: Is told of every refinement.

    Returns:
        The refinements, by prompt and index. A prompt whose candidates do not fit into the
        model's context together is refined from the best that do.
    """
    params = SamplingParams(settings.temperature, settings.top_p, settings.max_tokens)
    places: list[tuple[Prompt, int]] = []
    requests: list[GenerateRequest] = []
    for prompt in prompts:
        scored = [c for c in candidates.get(prompt.prompt_id, ()) if c.response_id in scores]
        messages = _fitting(engine, prompt, scored, scores, constitution, settings)
        if messages is None:
            continue
        for index in range(settings.n):
            at = derive_seed(seed, "refinement", prompt.prompt_id, index)
            places.append((prompt, index))
            requests.append(GenerateRequest(messages, params, at, "refine"))
    responses: list[Response | None] = [None] * len(requests)
    for at, completion in progress.track(engine.generate(requests), "refine", len(requests)):
        prompt, index = places[at]
        responses[at] = Response(
            response_id=f"{prompt.prompt_id}-r{index}",
            prompt_id=prompt.prompt_id,
            kind="refinement",
            index=index,
            system_prompt="",
            text=completion.text.strip(),
            tokens=completion.tokens,
            finish=completion.finish,
            seed=requests[at].seed,
        )
    return [response for response in responses if response is not None]


def _fitting(
    engine: Engine,
    prompt: Prompt,
    scored: Sequence[Response],
    scores: Scores,
    constitution: Constitution,
    settings: Refinement,
) -> Messages | None:
    """The refinement request with as many of the best candidates as the context holds."""
    ascending = sorted(scored, key=lambda response: scores[response.response_id])
    while ascending:
        messages = refinement_messages(
            prompt, ascending, scores, constitution, principles=settings.principles
        )
        if engine.count(messages) + settings.max_tokens <= engine.context:
            return messages
        ascending = ascending[1:]
    return None


def refinement_messages(
    prompt: Prompt,
    ascending: Sequence[Response],
    scores: Scores,
    constitution: Constitution,
    *,
    principles: bool,
) -> Messages:
    """Asks for one improved response.

    The candidates stand in ascending order, the best one last, nearest to the answer. Every text
    is quoted line by line, so that none can pass for an instruction's frame.
    """
    low, high = constitution.scale
    goals = "\n".join(
        _goal(rank, objective, principles=principles)
        for rank, objective in enumerate(constitution.objectives, start=1)
    )
    answers = "\n\n".join(
        f"Answer {number} ({_score_line(scores[response.response_id], constitution)}):\n"
        f"{quoted(response.text)}"
        for number, response in enumerate(ascending, start=1)
    )
    conversation = "\n".join(quoted(f"{turn.role}: {turn.content}") for turn in prompt.messages)
    text = (
        f"Below is a conversation, and answers to it that were rated from {low:g} to {high:g}.\n"
        f"The goals, in strict order of priority (a later one never justifies losing an earlier "
        f"one):\n{goals}\n\nThe conversation:\n{conversation}\n\n{answers}\n\n"
        "Write one new answer to the conversation that is better than every answer above on "
        "every goal. Keep what is good in them, mend what is wrong, and write the answer alone, "
        "without comments, ratings or quotation marks."
    )
    return (Message("user", text),)


def _goal(rank: int, objective: Objective, *, principles: bool) -> str:
    listed = "".join(f"\n   - {text}" for text in objective.principles) if principles else ""
    return f"{rank}. {objective.name}: {objective.definition}{listed}"


def _score_line(values: Sequence[float], constitution: Constitution) -> str:
    names = (objective.name for objective in constitution.objectives)
    return ", ".join(f"{name} {value:.1f}" for name, value in zip(names, values, strict=True))
