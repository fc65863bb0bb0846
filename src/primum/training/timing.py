"""How long the trainer takes per token, measured on a few steps of its own."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from datasets import Dataset
from transformers import PrinterCallback, TrainerCallback

from primum.engines.models.devices import choose_device
from primum.messages import Messages, as_dicts
from primum.recipe.schema import EngineSettings
from primum.recipe.training import Training
from primum.training.arguments import adapter_config, trainer_config
from primum.training.network.prepare import load_trainable
from primum.training.trainer import PriorityTrainer


def seconds_per_token(
    pairs: Dataset, model: str, settings: Training, engine: EngineSettings
) -> float:
    """Takes the steps of one epoch over some pairs, and keeps nothing of it.

    Args:
        pairs: TRL's preference format, enough for two steps: the first one only warms up.
        model: The model that training will start from.
        settings: The recipe's training section.
        engine: The recipe's engine section.

    Returns:
        Wall-clock seconds per forwarded token of the fastest step after the first one: whatever
        else the machine does only makes steps slower.
    """
    device = choose_device(engine.device)
    once = settings.model_copy(update={"epochs": 1.0, "max_drift": None})
    loaded = load_trainable(
        model,
        device,
        adapter=settings.lora is not None,
        dtype=engine.dtype,
        trust_remote_code=engine.trust_remote_code,
    )
    watch = _Watch()
    with TemporaryDirectory() as folder:
        trainer = PriorityTrainer(
            loaded.model,
            replace(
                trainer_config(once, Path(folder), 0, device, engine.dtype),
                save_strategy="no",
                watched_responses=0,
            ),
            pairs,
            processing_class=loaded.chat.tokenizer,
            peft_config=adapter_config(model, settings),
            callbacks=[watch],
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    times = zip(watch.marks, watch.marks[1:], strict=False)
    return min((end - begin) / (after - before) for (before, begin), (after, end) in times)


def made_up_pairs(prompts: Sequence[Messages], responses: int, length: int) -> Dataset:
    """Pairs to measure steps on, whose responses say nothing, each of which is in one.

    Args:
        prompts: The prompts.
        responses: Distinct responses to each.
        length: About how many tokens each has.

    Returns:
        TRL's preference format.
    """
    texts = [f"{number}" + " the" * max(1, length - 1) for number in range(max(2, responses))]
    rows: list[dict[str, Any]] = [
        {
            "prompt": as_dicts(prompt),
            "chosen": [{"role": "assistant", "content": texts[0]}],
            "rejected": [{"role": "assistant", "content": text}],
            "chosen_scores": [1.0, 1.0],
            "rejected_scores": [0.0, 0.0],
            "chosen_met": True,
            "rejected_met": False,
        }
        for prompt in prompts
        for text in texts[1:]
    ]
    return Dataset.from_list(rows)


class _Watch(TrainerCallback):
    """Notes tokens and time at the end of every step."""

    def __init__(self) -> None:
        self.marks: list[tuple[int, float]] = []

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.marks.append((int(state.num_input_tokens_seen), time.perf_counter()))
