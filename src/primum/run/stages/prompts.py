"""Keeps the prompts and the constitution, once it is known that every prompt can be asked."""

from collections.abc import Callable, Iterable, Sequence

import pyarrow as pa

from primum.documents import dump_yaml
from primum.engines.base import Engine
from primum.errors import UserError
from primum.messages import Messages, as_dicts, with_system
from primum.prompts import Prompt
from primum.run.layout import CONSTITUTION, PROMPTS
from primum.run.stage import Given, Stage, StageFacts
from primum.store.files import write_text
from primum.store.schemas import PROMPTS as SCHEMA

_OPENING = 60
"""Characters of a prompt by which a person finds it in a file."""

_OF_REFINEMENT = "Your goals"
"""Stands for the system turn of a refinement, which is made to fit when it is asked."""


def write_prompts(given: Given) -> StageFacts:
    """Writes the prompts of both splits and the constitution.

    Raises:
        UserError: If the model's template cannot write a prompt, or loses a turn of it, a prompt
            with its answer is longer than the model's context, or the model cannot be trained as
            the recipe says.
    """
    _check_training(given)
    sampling, evaluation = given.settings.sampling, given.settings.evaluation
    check_requests(
        given.models.engine(given.inputs.model),
        (*given.inputs.train, *given.inputs.heldout),
        lambda prompt: _requests(prompt, sampling.system_prompts, evaluation.system_prompt),
        max(sampling.max_tokens, evaluation.max_tokens),
    )
    return keep_prompts(given)


def keep_prompts(given: Given) -> StageFacts:
    """Writes the stage's files."""
    rows = [
        {
            "prompt_id": prompt.prompt_id,
            "split": prompt.split,
            "category": prompt.category,
            "messages": as_dicts(prompt.messages),
        }
        for prompt in (*given.inputs.train, *given.inputs.heldout)
    ]
    given.put_table(PROMPTS, pa.Table.from_pylist(rows, schema=SCHEMA))
    constitution = given.inputs.constitution
    write_text(given.path(CONSTITUTION), dump_yaml(constitution.model_dump(mode="json")))
    return {
        "train": len(given.inputs.train),
        "heldout": len(given.inputs.heldout),
        "duplicates": given.inputs.duplicates,
        "near_duplicates": given.inputs.near_duplicates,
        "objectives": [objective.name for objective in constitution.objectives],
        "scale": list(constitution.scale),
    }


def _check_training(given: Given) -> None:
    """Refuses now what would otherwise end the run after all calls have been made."""
    # Only here: they wait for PyTorch.
    from primum.training.arguments import adapter_config
    from primum.training.network.prepare import check_trainable

    model, training = given.inputs.model, given.settings.training
    check_trainable(
        model,
        adapter_config(model, training),
        trust_remote_code=given.settings.engine.trust_remote_code,
        quantize=training.lora.quantize if training.lora else None,
    )


def check_requests(
    engine: Engine,
    prompts: Iterable[Prompt],
    requests: Callable[[Prompt], Iterable[Messages]],
    longest: int,
) -> None:
    """Makes sure, before the first call, that the model can be asked every prompt in every way.

    Args:
        engine: Runs the model.
        prompts: What is asked.
        requests: The forms in which a prompt is asked.
        longest: Most tokens of an answer.

    Raises:
        UserError: If a prompt cannot be asked; the message names it.
    """
    room = engine.context - longest
    for prompt in prompts:
        named = f"the prompt {prompt.prompt_id} ({prompt.messages[-1].content[:_OPENING]!r}…)"
        try:
            tokens = max(map(engine.count, requests(prompt)))
        except UserError as error:
            raise UserError(f"{named} cannot be asked: {error}") from error
        if tokens > room:
            raise UserError(
                f"{named} has {tokens} tokens with its system prompt, but beside an answer of "
                f"{longest} only {room} fit into the model's context of {engine.context}; "
                "shorten it, or take it out"
            )


def _requests(prompt: Prompt, system_prompts: Sequence[str], evaluated: str) -> set[Messages]:
    """The forms in which a prompt is asked: bare, under system prompts of ours, and refined.

    Args:
        prompt: The prompt.
        system_prompts: Those of sampling.
        evaluated: That of the evaluation.
    """
    longest = max(system_prompts, key=len)
    asked = (with_system(prompt.messages, text) for text in (longest, evaluated))
    return {prompt.messages, *asked, refined(prompt, longest)}


def refined(prompt: Prompt, system_prompt: str) -> Messages:
    """Stands for the request of a refinement.

    Args:
        prompt: The prompt.
        system_prompt: The longest one of ours.
    """
    turns = tuple(turn for turn in prompt.messages if turn.role != "system")
    return with_system(turns, system_prompt or _OF_REFINEMENT)


STAGE = Stage(
    name="prompts",
    body=write_prompts,
    settings=(
        "engine",
        "sampling.max_tokens",
        "sampling.system_prompts",
        "evaluation.max_tokens",
        "evaluation.system_prompt",
        "training.lora",
    ),
    inputs=("model", "constitution", "train", "heldout", "duplicates", "near_duplicates"),
    writes=(PROMPTS, CONSTITUTION),
    asks=True,
)
