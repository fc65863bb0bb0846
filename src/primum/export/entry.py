"""Exports the model of a run: reads, writes, and only then puts in place."""

from dataclasses import dataclass
from pathlib import Path

import torch

from primum.export.adapter import write_adapter
from primum.export.card import Form, export_name, write_card
from primum.export.gguf import write_gguf
from primum.export.merged import merged_model, write_merged
from primum.export.place import check_free, whole_folder
from primum.export.source import Source, read_source


@dataclass(frozen=True)
class Export:
    """What was exported.

    Attributes:
        source: The run.
        form: Of what kind it is.
        path: Its folder.
        dtype: The number format that was asked for; `float32` where nothing was rounded.
        notes: What the user has to know of it, one sentence each.
    """

    source: Source
    form: Form
    path: Path
    dtype: str
    notes: tuple[str, ...]


def export_run(
    run: str | Path,
    form: Form,
    out: str | Path,
    *,
    dtype: str = "base",
    base: str | None = None,
    dataset: str | None = None,
    converter: Path | None = None,
    despite_gate: bool = False,
) -> Export:
    """Writes the model of a finished run, with its card, into a folder of its own.

    Args:
        run: The run directory.
        form: `merged` for all weights, `adapter` for the adapter alone, `gguf` for one GGUF file.
        out: The folder, absent or empty.
        dtype: The number format of merged weights: `base` for that of the base's files, or
            `float32`, `bfloat16`, `float16`.
        base: The hub's name of the base, where the run only knows a folder.
        dataset: The data set on the hub that holds the held-out prompts, where there is one.
        converter: llama.cpp's `convert_hf_to_gguf.py`, for `gguf`.
        despite_gate: Whether a model may go out that the gate has failed.

    Raises:
        UserError: If the run is not finished, its gate says fail, something lies in `out`, or the
            model cannot be written in this form.
    """
    check_free(Path(out))
    source = read_source(Path(run), despite_gate=despite_gate, base=base)
    notes = [] if source.origin.licence else [_unlicensed(source)]
    with whole_folder(Path(out)) as folder:
        exact = form == "adapter"
        if form == "adapter":
            note = write_adapter(source, folder)
            notes += [note] if note else []
        else:
            loaded = merged_model(source, dtype)
            exact = all(part.dtype == torch.float32 for part in loaded.model.parameters())
            if form == "merged":
                write_merged(loaded, folder)
            else:
                write_gguf(loaded, folder, name=export_name(source.data), converter=converter)
        write_card(source, form, folder, dataset=dataset)
    return Export(source, form, Path(out), "float32" if exact else dtype, tuple(notes))


def _unlicensed(source: Source) -> str:
    return (
        "the licence of the base is not known, so the card names none; add `license:` to its head "
        f"({source.data.model} has no card that says it)"
    )
