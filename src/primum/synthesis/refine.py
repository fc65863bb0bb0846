"""Self-refinement: a better response from all candidates and scores (docs/method.md, step 3)."""

from collections.abc import Mapping, Sequence

from primum.constitution import Constitution
from primum.engines.base import Engine, GenerateRequest, SamplingParams, Thinking, tokens_of
from primum.judging.asking.quoting import quoted
from primum.languages import LANGUAGES
from primum.messages import Messages, with_system
from primum.progress import Progress
from primum.prompts import Prompt
from primum.recipe.schema import Refinement
from primum.seeds import derive_seed
from primum.synthesis.goals import listed_goals
from primum.synthesis.responses import Response, response_of
from primum.synthesis.scored import ScoreVector


def refine(
    engine: Engine,
    prompts: Sequence[Prompt],
    candidates: Mapping[str, Sequence[Response]],
    scores: Mapping[str, ScoreVector],
    constitution: Constitution,
    settings: Refinement,
    *,
    seed: int,
    progress: Progress,
    thinking: Thinking = "auto",
) -> list[Response]:
    """Draws the refinements of every prompt that has a scored candidate.

    Args:
        engine: Runs the model itself.
        prompts: The prompts x.
        candidates: The candidates by prompt id.
        scores: Their scores by response id; those with a missing score are absent.
        constitution: What "better" means.
        settings: How many refinements are drawn, and how.
        seed: The run's seed.
        progress: Is told of every refinement.
        thinking: Whether the model thinks first, as for candidates.

    Returns:
        The refinements, by prompt and index. A prompt whose candidates do not fit into the
        model's context together is refined from the best that do.
    """
    params = SamplingParams(settings.temperature, settings.top_p, settings.max_tokens, thinking)
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
    drawn = engine.generate(requests)  # eq. (3)
    for at, completion in progress.track(drawn, "refine", len(requests), tokens_of):
        prompt, index = places[at]
        responses[at] = response_of(
            completion, prompt.prompt_id, "refinement", index, requests[at].seed
        )
    return [response for response in responses if response is not None]


def _fitting(
    engine: Engine,
    prompt: Prompt,
    scored: Sequence[Response],
    scores: Mapping[str, ScoreVector],
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
    scores: Mapping[str, ScoreVector],
    constitution: Constitution,
    *,
    principles: bool,
) -> Messages:
    """Asks for one improved response.

    The conversation stands as it is, so that what follows is an answer to it; the goals and the
    candidates stand in the system turn, the best candidate last. Candidates are quoted line by
    line, so that none can pass for an instruction; what was thought before them is left out.

    Args:
        prompt: The prompt x.
        ascending: The candidates, the worst one first.
        scores: Their scores.
        constitution: The objectives and the scale.
        principles: Whether the principles stand beside the definitions.
    """
    low, high = constitution.scale
    goals = listed_goals(constitution, principles=principles)
    answers = "\n\n".join(
        f"{_score_line(scores[response.response_id], constitution)}\n{quoted(response.text)}"
        for response in ascending
    )
    request = LANGUAGES[constitution.language].refinement
    text = request.format(goals=goals, low=f"{low:g}", high=f"{high:g}", answers=answers)
    return with_system(prompt.messages, text)


def _score_line(values: Sequence[float], constitution: Constitution) -> str:
    names = (objective.name for objective in constitution.objectives)
    return ", ".join(f"{name} {value:.1f}" for name, value in zip(names, values, strict=True))
