"""Keeps prompts and constitution, once it is known that the held-out prompts can be asked."""

from primum.messages import Messages, with_system
from primum.prompts import Prompt
from primum.run.stage import Given, StageFacts
from primum.run.stages.evaluate import evaluation_of
from primum.run.stages.prompts import check_requests, keep_prompts, refined
from primum.run.untrained.methods import prompted


def write_prompts(given: Given) -> StageFacts:
    """Writes the prompts of both splits and the constitution.

    Raises:
        UserError: If the model's template cannot write a held-out prompt, or loses a turn of it, or
            a prompt with its answer is longer than the model's context.
    """
    settings = evaluation_of(given.settings)
    check_requests(
        given.models.local_engine(given.inputs.model),
        given.inputs.heldout,
        lambda prompt: _requests(given, prompt),
        settings.max_tokens,
    )
    return keep_prompts(given)


def _requests(given: Given, prompt: Prompt) -> set[Messages]:
    """The forms in which a prompt is asked."""
    settings, method = evaluation_of(given.settings), given.settings.method
    found = {prompt.messages, with_system(prompt.messages, settings.system_prompt)}
    if method == "system-prompt":
        text = prompted(settings, given.inputs.constitution).system_prompt
        found.add(with_system(prompt.messages, text))
    if method == "self-refinement":
        found.add(refined(prompt, settings.system_prompt))
    return found
