"""Looks at a model's files before a library opens them: stand-ins of git-lfs, cut weights."""

import json
from collections.abc import Iterator
from pathlib import Path

from primum.engines.models.failures import told
from primum.errors import UserError

WEIGHTS_INDEX = "model.safetensors.index.json"
_SINGLE = "model.safetensors"
_POINTER = b"version https://git-lfs.github.com/spec/"
"""How the text begins that git leaves in a file's place (the specification of git-lfs)."""

_READ = ("config.json", "tokenizer*", "adapter_*", "*.gguf", WEIGHTS_INDEX)
_LENGTH = 8
"""Bytes at the beginning of a safetensors file that give the length of its header."""


def check_files(folder: Path) -> None:
    """Makes sure that a model's files are there as a whole, from their first bytes and lengths.

    Args:
        folder: A folder with full weights or an adapter.

    Raises:
        UserError: If git-lfs has not fetched a file, a file of weights is cut, or one of several
            is missing.
    """
    for file in _files(folder):
        _check_pointer(file)
        if file.suffix == ".safetensors":
            _check_whole(file)


def tensor_names(file: Path) -> frozenset[str]:
    """The names of the tensors in a safetensors file, read from its header alone."""
    return frozenset(_header(file)) - {"__metadata__"}


def _files(folder: Path) -> Iterator[Path]:
    """What is read of a folder; other files that lie there do not matter."""
    for pattern in _READ:
        yield from sorted(path for path in folder.glob(pattern) if path.is_file())
    if (folder / _SINGLE).exists():
        yield folder / _SINGLE
        return
    index = folder / WEIGHTS_INDEX
    if not index.is_file():
        return
    for name in _shards(index):
        if not (folder / name).is_file():
            raise UserError(
                f"the model folder {folder} lacks {name}, which {WEIGHTS_INDEX} lists; download "
                "the model again"
            )
        yield folder / name


def _shards(index: Path) -> list[str]:
    _check_pointer(index)
    with told(f"the list of weights {index}"):
        content = json.loads(index.read_text(encoding="utf-8"))
        return sorted(set(content["weight_map"].values()))


def _check_pointer(file: Path) -> None:
    with told(str(file)), file.open("rb") as stream:
        beginning = stream.read(len(_POINTER))
    if beginning == _POINTER:
        raise UserError(
            f"{file} is a stand-in of git-lfs, not the file itself; run `git lfs pull` in "
            f"{file.parent}, or download the model again"
        )


def _check_whole(file: Path) -> None:
    size = file.stat().st_size
    if size < _LENGTH or size < _LENGTH + _header_length(file):
        raise UserError(f"{file} is cut within its header, after {size} bytes; {_AGAIN}")
    ends = [entry["data_offsets"][1] for name, entry in _header(file).items() if name[:2] != "__"]
    wanted = _LENGTH + _header_length(file) + max(ends, default=0)
    if size < wanted:
        raise UserError(f"{file} is cut: it has {size} of its {wanted} bytes; {_AGAIN}")


_AGAIN = "download it again"


def _header_length(file: Path) -> int:
    with told(str(file)), file.open("rb") as stream:
        return int.from_bytes(stream.read(_LENGTH), "little")


def _header(file: Path) -> dict[str, dict[str, list[int]]]:
    with told(f"the file of weights {file}"), file.open("rb") as stream:
        length = int.from_bytes(stream.read(_LENGTH), "little")
        content: dict[str, dict[str, list[int]]] = json.loads(stream.read(length))
    return content
