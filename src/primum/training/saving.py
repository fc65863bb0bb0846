"""Writes a trained model where it can be used: whole, or not at all."""

import json
import os
import shutil
import tempfile
from pathlib import Path

from primum.engines.models.reference import ADAPTER_CONFIG
from primum.training.trainer import PriorityTrainer


def save_model(trainer: PriorityTrainer, out: Path) -> None:
    """Writes the model beside its place and renames it there.

    Every process calls it, since all take part in gathering shards; one of them writes.
    """
    if not trainer.args.should_save:
        # Takes part in gathering shards, and waits until the model is in its place.
        trainer.save_model(str(out))
        trainer.accelerator.wait_for_everyone()
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    draft.chmod(0o755)
    try:
        trainer.save_model(str(draft))
        _sort_targets(draft / ADAPTER_CONFIG)
        (draft / "training_args.bin").unlink(missing_ok=True)
        (draft / "README.md").unlink(missing_ok=True)
        if out.exists():
            shutil.rmtree(out)
        os.rename(draft, out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    trainer.accelerator.wait_for_everyone()


def _sort_targets(config: Path) -> None:
    """Sorts the names of the adapted modules, where there is an adapter.

    PEFT keeps them in a set, whose order changes from process to process; equal models would have
    unequal fingerprints.
    """
    if config.exists():
        content = json.loads(config.read_text(encoding="utf-8"))
        if isinstance(content["target_modules"], list):
            content["target_modules"].sort()
        config.write_text(json.dumps(content, indent=2, sort_keys=True), encoding="utf-8")
