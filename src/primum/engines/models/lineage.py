"""The model that an adapter stands on: how an adapter names it, and how it is found again."""

import json
import logging
from pathlib import Path

from primum.engines.models.bundled import PREFIX, PUBLISHED
from primum.engines.models.failures import told
from primum.errors import UserError

logger = logging.getLogger(__name__)

ADAPTER_CONFIG = "adapter_config.json"
TRAINED_ON = "trained_on.json"
"""Beside an adapter on a bundled model. To others the adapter names the published model; the
bundled one has the same weights but for their compression, and is what it was trained on."""

_BASE = "base_model_name_or_path"


def is_adapter(folder: Path) -> bool:
    """Whether a folder holds a PEFT adapter."""
    return (folder / ADAPTER_CONFIG).is_file()


def base_of(adapter: Path) -> str:
    """The model that an adapter stands on, under a name that `reference.resolve` knows.

    Args:
        adapter: A folder with an adapter. A relative path in it is looked for in this folder first,
            then in the current one.

    Raises:
        UserError: If it names none, or a folder that is not there.
    """
    note = adapter / TRAINED_ON
    if note.is_file():
        return _entry(note, "model")
    name = _entry(adapter / ADAPTER_CONFIG, _BASE)
    for place in (adapter / name, Path(name).expanduser()):
        if place.is_dir():
            return str(place)
    if may_be_on_hub(name) or name.startswith(PREFIX):
        return name
    places = dict.fromkeys((adapter / name, Path(name).expanduser().absolute()))
    raise UserError(
        f"the adapter {adapter} stands on the model {name}, which is "
        f"{'neither' if len(places) > 1 else 'not'} at {' nor at '.join(map(str, places))}; "
        f"put it there, or correct {_BASE} in {adapter / ADAPTER_CONFIG}"
    )


def name_base(adapter: Path, model: str) -> None:
    """Writes into an adapter's folder which model it stands on, so that others find it too.

    That is the hub's name where it is known, and otherwise the folder of this machine. The adapted
    modules are sorted: PEFT keeps their names in a set, whose order changes from process to
    process, and equal models would have unequal fingerprints.

    Args:
        adapter: A folder with a new adapter.
        model: What it was trained from: a model, or another adapter on the same model.
    """
    folder = Path(model).expanduser()
    if is_adapter(folder):
        model = base_of(folder)
    bundled = model.startswith(PREFIX)
    name = PUBLISHED[model.removeprefix(PREFIX)] if bundled else _public_name(model)
    config = adapter / ADAPTER_CONFIG
    content = json.loads(config.read_text(encoding="utf-8"))
    content[_BASE] = name
    if isinstance(content.get("target_modules"), list):
        content["target_modules"].sort()
    config.write_text(json.dumps(content, indent=2, sort_keys=True), encoding="utf-8")
    if bundled:
        (adapter / TRAINED_ON).write_text(json.dumps({"model": model}), encoding="utf-8")


def may_be_on_hub(name: str) -> bool:
    """Whether a name has the form of the hub's, `NAME` or `OWNER/NAME`."""
    return not Path(name).is_absolute() and not name.startswith((".", "~")) and name.count("/") <= 1


def _public_name(model: str) -> str:
    folder = Path(model).expanduser()
    if not folder.is_dir():
        return model
    place = folder.resolve()
    if name := _cached_as(place):
        return name
    logger.warning(
        "the adapter names the folder %s as its base model, since nothing says what the hub calls "
        "it; write the hub's name as %s into its %s before you share it",
        place,
        _BASE,
        ADAPTER_CONFIG,
    )
    return str(place)


def _cached_as(folder: Path) -> str | None:
    """The hub's name of a folder in the hub's own cache.

    Only of the revision that the name alone stands for: any other would be another model.
    """
    from huggingface_hub.constants import HF_HUB_CACHE

    repository = folder.parent.parent
    head = repository / "refs" / "main"
    if repository.parent != Path(HF_HUB_CACHE).resolve() or not head.is_file():
        return None
    kind, *name = repository.name.split("--")
    newest = head.read_text(encoding="utf-8").strip()
    return "/".join(name) if kind == "models" and newest == folder.name else None


def _entry(file: Path, name: str) -> str:
    with told(f"the file {file}"):
        value = json.loads(file.read_text(encoding="utf-8"))[name]
    if not isinstance(value, str) or not value:
        raise UserError(f"{file} does not say on which model the adapter stands ({name})")
    return value
