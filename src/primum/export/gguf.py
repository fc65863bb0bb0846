"""The aligned model as one GGUF file, for llama.cpp and what is built on it."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from primum.engines.models.loading import Loaded
from primum.errors import UserError
from primum.export.gguf_llama import FORMATS, vocabulary_for, write_llama
from primum.export.merged import write_merged

CONVERTER = "convert_hf_to_gguf.py"
"""The script of llama.cpp that knows nearly every architecture."""


def write_gguf(loaded: Loaded, folder: Path, *, name: str, converter: Path | None = None) -> Path:
    """Writes the file: by llama.cpp's converter where one is named, otherwise here if it can be.

    Args:
        loaded: The merged model, in the format in which it is to be stored.
        folder: Where the file goes.
        name: What the file calls the model.
        converter: llama.cpp's script, where the user names it.

    Raises:
        UserError: If it cannot be written here, and no converter is found, or it fails.
    """
    file = folder / f"{name}-{FORMATS[loaded.model.config.dtype][0]}.gguf"
    if converter is not None:
        _convert(loaded, file, converter)
        return file
    try:
        words = vocabulary_for(loaded)
    except UserError as reason:
        found = find_converter()
        if found is None:
            raise UserError(
                f"the model cannot be written as GGUF without llama.cpp: {reason}; get it with "
                "`git clone https://github.com/ggml-org/llama.cpp`, and name its "
                f"{CONVERTER} with --converter, or its folder in LLAMA_CPP"
            ) from reason
        _convert(loaded, file, found)
        return file
    write_llama(loaded, words, file, name=name)
    return file


def find_converter() -> Path | None:
    """llama.cpp's converter in the folder that LLAMA_CPP names, or on the PATH."""
    places = [os.environ["LLAMA_CPP"]] if os.environ.get("LLAMA_CPP") else []
    for place in [*places, *os.environ.get("PATH", "").split(os.pathsep)]:
        if place and (Path(place) / CONVERTER).is_file():
            return Path(place) / CONVERTER
    return None


def _convert(loaded: Loaded, file: Path, converter: Path) -> None:
    """Runs the converter on the merged model.

    Args:
        loaded: The merged model.
        file: Where the GGUF file goes.
        converter: The script; it runs in this Python, without a shell.
    """
    if not converter.is_file():
        raise UserError(f"there is no converter {converter}; check the path")
    kind = FORMATS[loaded.model.config.dtype][0].lower()
    merged = Path(tempfile.mkdtemp(prefix=".merged-", dir=file.parent))
    try:
        write_merged(loaded, merged)
        command = [sys.executable, str(converter), str(merged)]
        ran = subprocess.run(
            [*command, "--outfile", str(file), "--outtype", kind],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    finally:
        shutil.rmtree(merged, ignore_errors=True)
    if ran.returncode != 0 or not file.is_file():
        lines = [line for line in ran.stderr.splitlines() if line.strip()]
        said = " ".join(lines[-1].split()) if lines else f"status {ran.returncode}"
        raise UserError(f"{converter} could not write the model ({said}); see its requirements")
