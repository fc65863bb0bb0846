"""The way of one prompt through the code, from `primum.align` to where training begins.

    python benchmarks/way.py

Prints JSON lines: how many modules the way enters, how many of the calls between modules climb
from a lower layer of the import contract to a higher one (a callback does), and how many tables a
stage reads back from disk that this process has written. A scripted engine stands in the model's
place.
"""

import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))

from tests.run.small_job import FAST, write_constitution
from tests.tiny import save_tiny

import primum
from figures import figure
from primum.run import directory
from primum.run.stages import train

ROOT = Path(__file__).resolve().parents[1]
SOURCE = str(Path(primum.__file__).parent)
HELD_OUT = 10
SETTINGS = ("judging.kind=rating-expected", "denoising.informativeness=false", *FAST)


class TrainingBegins(Exception):
    """Ends the way."""


def layers() -> list[list[str]]:
    """The import contract, the highest layer first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    [found] = [c["layers"] for c in contracts["contracts"] if c["type"] == "layers"]
    return [[name.strip() for name in layer.replace(":", "|").split("|")] for layer in found]


def height(module: str, order: list[list[str]]) -> int | None:
    """A module's layer, counted from the highest; None for what stands outside."""
    for at, names in enumerate(order):
        if any(module == name or module.startswith(f"{name}.") for name in names):
            return at
    return None


def walk(folder: Path) -> tuple[list[str], Counter[tuple[str, str]], int]:
    """Runs until training begins.

    Returns:
        The modules in the order in which they are entered, the calls from one module into another,
        and the tables that were read back.
    """
    entered: dict[str, None] = {}
    crossings: Counter[tuple[str, str]] = Counter()
    read_back = 0

    def begin(*given: Any, **named: Any) -> None:
        raise TrainingBegins

    def read_table(path: Path) -> Any:
        nonlocal read_back
        read_back += 1
        return original(path)

    def trace(frame: FrameType, event: str, argument: Any) -> None:
        if event != "call" or not frame.f_code.co_filename.startswith(SOURCE):
            return
        module = frame.f_globals["__name__"]
        entered.setdefault(module)
        outer = frame.f_back
        while outer is not None and not outer.f_code.co_filename.startswith(SOURCE):
            outer = outer.f_back
        if outer is not None and outer.f_globals["__name__"] != module:
            crossings[outer.f_globals["__name__"], module] += 1

    original, directory.read_table = directory.read_table, read_table
    train.train = begin
    model = save_tiny(folder / "model")
    prompts = [{"prompt": "May I swim with a cold?", "split": "train"}]
    prompts += [{"prompt": f"Question {at}?", "split": "heldout"} for at in range(HELD_OUT)]
    arguments = {
        "model": str(model),
        "constitution": write_constitution(folder / "goals.yaml"),
        "out": folder / "run",
        "overrides": SETTINGS,
        "engine": primum.ScriptedEngine(
            answer=lambda request: f"Rest for {request.seed % 97} days.",
            choice=lambda request: [
                -float(abs(at - sum(request.messages[-1].content.encode()) % 9))
                for at, _ in enumerate(request.choices)
            ],
        ),
    }
    align = primum.align  # Imported before it is watched.
    sys.setprofile(trace)
    try:
        align(prompts, **arguments)
    except TrainingBegins:
        pass
    finally:
        sys.setprofile(None)
        directory.read_table = original
    return list(entered), crossings, read_back


def main() -> None:
    order = layers()
    with tempfile.TemporaryDirectory() as folder:
        entered, crossings, read_back = walk(Path(folder))
    climbs = {
        (source, target)
        for source, target in crossings
        if (above := height(target, order)) is not None
        and (below := height(source, order)) is not None
        and above < below
    }
    listed = sorted(f"{source} -> {target}" for source, target in climbs)
    figure("way_modules", len(entered), "modules")
    figure("way_climbs", len(climbs), "pairs of modules", found=listed)
    figure("way_tables_read_back", read_back, "tables")


if __name__ == "__main__":
    main()
