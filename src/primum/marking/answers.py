"""Answers of a model, and the rows of a sheet that say nothing of where they come from."""

from collections.abc import Sequence

from primum.constitution import CATEGORIES
from primum.engines.base import Engine, tokens_of
from primum.progress import Progress
from primum.prompts import Prompt
from primum.recipe import Recipe
from primum.seeds import derive_seed
from primum.sheets.items import SheetItem, distinct, sheet_text
from primum.synthesis.sample import candidate_request


def draw_answers(
    engine: Engine, prompts: Sequence[Prompt], recipe: Recipe, progress: Progress
) -> list[tuple[str, ...]]:
    """Two answers to every prompt, drawn like two candidates of a run.

    Args:
        engine: Runs the model.
        prompts: What to answer.
        recipe: Has the sampling and the seed; which two of its system prompts a prompt is answered
            under is drawn, too.
        progress: Is told of every answer.

    Returns:
        By prompt, its answers as a sheet can hold them; fewer than two where the model wrote the
        same again, or nothing.
    """
    requests = []
    for prompt in prompts:
        start = derive_seed(recipe.seed, "mark", prompt.prompt_id)
        first = start % len(recipe.sampling.system_prompts)
        requests += [
            candidate_request(prompt, index, recipe.sampling, seed=recipe.seed, purpose="mark")
            for index in (first, first + 1)
        ]
    texts = [""] * len(requests)
    drawn = progress.track(engine.generate(requests), "draw", len(requests), tokens_of)
    for at, completion in drawn:
        texts[at] = "" if completion.missing else sheet_text(completion.text)
    return [distinct(texts[2 * at : 2 * at + 2]) for at in range(len(prompts))]


def items_of(
    prompts: Sequence[Prompt], answers: Sequence[tuple[str, ...]], objective: str, seed: int
) -> list[SheetItem]:
    """The rows in an order, and their answers on sides, that say nothing of where they come from.

    Args:
        prompts: What was answered.
        answers: By prompt; a prompt without any is left out.
        objective: What is to be marked.
        seed: Makes the orders.
    """
    found = {}
    for prompt, texts in zip(prompts, answers, strict=True):
        asked = sheet_text(prompt.messages[0].content)
        if texts and asked:
            sides = _turned(texts, derive_seed(seed, "sides", prompt.prompt_id))
            item = SheetItem(objective, asked, sides, *_about(prompt))
            found[item.item_id] = item
    return sorted(found.values(), key=lambda item: derive_seed(seed, "order", item.item_id))


def _about(prompt: Prompt) -> tuple[str, str]:
    """Category and topic: a category of the user's own says what a prompt is about."""
    named = sheet_text(prompt.category or "")
    return (named, "") if named in CATEGORIES else ("", named)


def _turned(answers: tuple[str, ...], number: int) -> tuple[str, ...]:
    return answers[::-1] if number % 2 else answers
