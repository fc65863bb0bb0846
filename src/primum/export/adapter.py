"""The adapter alone, for those who have its base."""

import json
import shutil
from pathlib import Path

from primum.engines.models.lineage import ADAPTER_CONFIG
from primum.engines.models.loading import load_chat
from primum.engines.models.reference import ADAPTER_WEIGHTS
from primum.errors import UserError
from primum.export.source import Source
from primum.export.tokenizer import write_tokenizer


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
    config = json.loads((source.model / ADAPTER_CONFIG).read_text(encoding="utf-8"))
    note = None
    if source.origin.name:
        config["base_model_name_or_path"] = source.origin.name
    else:
        note = (
            f"the adapter names {config['base_model_name_or_path']} as its base, which others do "
            "not have; if the hub has it, name it with --base OWNER/NAME"
        )
    text = json.dumps(config, indent=2, sort_keys=True)
    (folder / ADAPTER_CONFIG).write_text(text + "\n", encoding="utf-8")
    shutil.copyfile(source.model / ADAPTER_WEIGHTS, folder / ADAPTER_WEIGHTS)
    chat = load_chat(str(source.model), trust_remote_code=source.trusts_code)
    write_tokenizer(chat, folder)
    return note
