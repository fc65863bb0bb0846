"""Keeps the prompts and the constitution, once it is known that every prompt fits."""

import pyarrow as pa

from primum.documents import dump_yaml
from primum.errors import UserError
from primum.messages import as_dicts
from primum.run.layout import CONSTITUTION, PROMPTS
from primum.run.stage import Given, Stage, StageFacts
from primum.store.files import write_text
from primum.store.schemas import PROMPTS as SCHEMA

_OPENING = 60
"""Characters of a prompt by which a person finds it in a file."""


def write_prompts(given: Given) -> StageFacts:
    """Writes the prompts of both splits and the constitution.

    Raises:
        UserError: If a prompt with its answer is longer than the model's context, or the model
            cannot be trained as the recipe says.
    """
    _check_training(given)
    _check_context(given)
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
        "objectives": [objective.name for objective in constitution.objectives],
        "scale": list(constitution.scale),
    }


def _check_training(given: Given) -> None:
    """Refuses now what would otherwise end the run after all calls have been made."""
    # Only here: they wait for PyTorch.
    from primum.training.arguments import adapter_config
    from primum.training.network.prepare import check_trainable

    model = given.inputs.model
    check_trainable(
        model,
        adapter_config(model, given.settings.training),
        trust_remote_code=given.settings.engine.trust_remote_code,
    )


def _check_context(given: Given) -> None:
    engine = given.models.engine(given.inputs.model)
    sampling, evaluation = given.settings.sampling, given.settings.evaluation
    longest = max(sampling.max_tokens, evaluation.max_tokens)
    system = max(sampling.system_prompts, key=len)
    # A system prompt, and what joins it to the prompt's own, has at most as many tokens as bytes.
    room = engine.context - longest - len(f"\n\n{system}".encode() if system else b"")
    for prompt in (*given.inputs.train, *given.inputs.heldout):
        tokens = engine.count(prompt.messages)
        if tokens > room:
            opening = prompt.messages[-1].content[:_OPENING]
            raise UserError(
                f"the prompt {prompt.prompt_id} ({opening!r}…) has {tokens} tokens, but beside an "
                f"answer of {longest} only {room} fit into the model's context of "
                f"{engine.context}; shorten it, or take it out"
            )


STAGE = Stage(
    name="prompts",
    body=write_prompts,
    settings=(
        "engine",
        "sampling.max_tokens",
        "sampling.system_prompts",
        "evaluation.max_tokens",
        "training.lora",
    ),
    inputs=("model", "constitution", "train", "heldout", "duplicates"),
    writes=(PROMPTS, CONSTITUTION),
    asks=True,
)
