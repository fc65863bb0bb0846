"""The adapter alone, for those who have its base."""

import json
import shutil
from pathlib import Path

from safetensors import safe_open

from primum.engines.models.failures import told
from primum.engines.models.lineage import ADAPTER_CONFIG
from primum.engines.models.loading import load_chat
from primum.engines.models.reference import ADAPTER_WEIGHTS
from primum.errors import UserError
from primum.export.source import Source
from primum.export.tokenizer import write_tokenizer

_BASE = "base_model_name_or_path"


def write_adapter(source: Source, folder: Path) -> str | None:
    """Writes the adapter, which names its base as the hub does, with the tokenizer.

    Args:
        source: The run.
        folder: Where the files go.

    Returns:
        A sentence where the base is only known as a folder of this machine; otherwise None.

    Raises:
        UserError: If the run trained all weights.
    """
    if not source.is_adapter:
        raise UserError(
            f"{source.path} trained all weights, so it has no adapter; export it with --merged"
        )
    weights = source.model / ADAPTER_WEIGHTS
    with told(f"the adapter {source.model}"):
        config = json.loads((source.model / ADAPTER_CONFIG).read_text(encoding="utf-8"))
        with safe_open(weights, framework="pt"):
            pass  # Whole: its head fits its length.
    note = None
    # A folder of the hub's cache can be of another revision than the one that its name stands for.
    name = source.told or (None if _is_folder(config[_BASE], source) else source.origin.name)
    if name:
        config[_BASE] = name
    else:
        note = (
            f"the adapter names {config[_BASE]} as its base, which others do "
            "not have; if the hub has it, name it with --base OWNER/NAME"
        )
    text = json.dumps(config, indent=2, sort_keys=True)
    (folder / ADAPTER_CONFIG).write_text(text + "\n", encoding="utf-8")
    shutil.copyfile(weights, folder / ADAPTER_WEIGHTS)
    chat = load_chat(str(source.model), trust_remote_code=source.trusts_code)
    write_tokenizer(chat, folder)
    return note


def _is_folder(name: str, source: Source) -> bool:
    return (source.model / name).is_dir() or Path(name).is_absolute()
