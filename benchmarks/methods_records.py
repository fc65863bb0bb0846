"""What `methods` keeps of every finished run, so that it goes on where another machine stopped.

Two files of JSON lines beside this script: how every run did at every held-out prompt, by judges
that it never saw, and how good these judges are. Neither holds a word of any text.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from contextlib import chdir
from pathlib import Path

from pydantic import TypeAdapter

from methods_gains import Judged
from methods_results import JudgeLine
from methods_rows import ROWS
from methods_sets import SETS
from primum.compare.runs.methods import Common, load_methods
from primum.constitution import load_constitution

ROOT = Path(__file__).resolve().parents[1]
RUNS = Path(__file__).parent / "results" / "methods_runs.jsonl"
JUDGES = Path(__file__).parent / "results" / "methods_judges.jsonl"

_RUN = TypeAdapter(Judged)
_JUDGE = TypeAdapter(JudgeLine)

Key = tuple[str, str, str, int, str]


def key_of(run: Judged) -> Key:
    """What no two runs of the file have alike: model, recipe, set, seed and method."""
    origin = run.origin
    return origin.model, origin.recipe, origin.prompts, run.seed, run.method


def read_runs(path: Path = RUNS) -> list[Judged]:
    """The runs of the file, none where there is no file."""
    return [_RUN.validate_json(line) for line in _lines(path)]


def keep_runs(found: Iterable[Judged], path: Path = RUNS) -> None:
    """Adds runs to the file; one that is there already is replaced."""
    runs = {key_of(run): run for run in (*read_runs(path), *found)}
    _write(path, (_RUN.dump_json(runs[key]) for key in sorted(runs, key=_order)))


def read_judges(path: Path = JUDGES) -> list[JudgeLine]:
    """The judges of the file, none where there is no file."""
    return [_JUDGE.validate_json(line) for line in _lines(path)]


def keep_judges(found: Iterable[JudgeLine], path: Path = JUDGES) -> None:
    """Adds judges to the file; one that is there already is replaced."""
    lines = {(one.judge, one.objective): one for one in (*read_judges(path), *found)}
    _write(path, map(_JUDGE.dump_json, lines.values()))


def inputs_of(recipe: str, prompts: str, prompt_file: Path) -> Mapping[str, str]:
    """What identifies the inputs of each method's runs on a set, whatever the model and seed.

    Args:
        recipe: What methods are laid over.
        prompts: The set's name.
        prompt_file: Its prompts.
    """
    constitution = load_constitution(SETS[prompts].constitution)
    with chdir(ROOT):
        methods = load_methods(ROWS, Common(recipe), constitution)
    shared = [constitution.fingerprint, prompt_file.read_text()]
    return {
        method.name: hashlib.sha256(json.dumps([*shared, method.settings]).encode()).hexdigest()[
            :16
        ]
        for method in methods
    }


def _order(key: Key) -> tuple[str, str, int, int, int]:
    model, recipe, prompts, seed, method = key
    return model, recipe, [*SETS].index(prompts), seed, ROWS.index(method)


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.is_file() else []


def _write(path: Path, lines: Iterable[bytes]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"".join(line + b"\n" for line in lines))
