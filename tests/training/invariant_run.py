"""Trains the tiny model in one way of splitting a step; started by `accelerate launch`.

Arguments: a JSON object of settings, and the file that gets the trajectory. Settings named
`adapter`, `responses` and `prompts` are the script's own.
"""

import json
import sys
import tempfile
from pathlib import Path

import torch
from peft import LoraConfig

from primum.training import PriorityTrainer
from tests.tiny import tiny_model, tiny_tokenizer
from tests.training.samples import config, preferences


def main() -> None:
    given, target = json.loads(sys.argv[1]), Path(sys.argv[2])
    trajectories = [train(settings) for settings in given]
    if trajectories[0]["rank"] == 0:
        target.write_text(json.dumps(trajectories))


def train(settings: dict) -> dict:
    adapter = settings.pop("adapter", True)
    data = preferences(prompts=settings.pop("prompts", 16), responses=settings.pop("responses", 4))
    torch.manual_seed(0)
    args = config(Path(tempfile.mkdtemp()), num_train_epochs=1, **settings)
    trainer = PriorityTrainer(
        tiny_model(),
        args,
        data,
        eval_dataset=data.select(range(12)),
        processing_class=tiny_tokenizer(),
        peft_config=LoraConfig(r=4, target_modules="all-linear") if adapter else None,
    )
    trainer.train()
    logged = [entry for entry in trainer.state.log_history if "loss" in entry]
    weights = [p.detach().flatten() for p in trainer.model.parameters() if p.requires_grad]
    return {
        "rank": args.process_index,
        "ranks": args.world_size,
        "steps": trainer.state.global_step,
        "loss": [entry["loss"] for entry in logged],
        "grad_norm": [float(entry["grad_norm"]) for entry in logged],
        "weights/std": [entry.get("weights/std") for entry in logged],
        "weights": torch.cat(weights).double()[::7].tolist(),
        "eval_loss": trainer.evaluate()["eval_loss"],
    }


if __name__ == "__main__":
    main()
