"""Writes a trained model where it can be used: whole, or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from primum.engines.models.lineage import is_adapter, name_base
from primum.training.trainer import PriorityTrainer


def save_model(trainer: PriorityTrainer, out: Path, *, model: str) -> None:
    """Writes the model beside its place and renames it there.

    Every process calls it, since all take part in gathering shards; one of them writes.

    Args:
        trainer: Has trained it.
        out: Its place; what is there is replaced.
        model: What it was trained from; see `primum.engines.models.reference.resolve`.
    """
    if not trainer.args.should_save:
        # Takes part in gathering shards, and waits until the model is in its place.
        trainer.save_model(str(out))
        trainer.accelerator.wait_for_everyone()
        return
    with whole_folder(out) as draft:
        trainer.save_model(str(draft))
        if is_adapter(draft):
            name_base(draft, model)
        (draft / "training_args.bin").unlink(missing_ok=True)
        (draft / "README.md").unlink(missing_ok=True)
    trainer.accelerator.wait_for_everyone()


@contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """A folder beside a place, which takes that place at the end; after an error it is gone.

    Args:
        out: The place; what is there is replaced.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    draft.chmod(0o755)
    try:
        yield draft
        if out.exists():
            shutil.rmtree(out)
        os.rename(draft, out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
