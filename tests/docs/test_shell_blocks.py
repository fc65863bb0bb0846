"""Every command of README and docs: read as its program reads it, and run where it can be."""

import re
import shutil
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from primum.cli.main import app
from primum.errors import UserError
from tests.docs.blocks import BLOCKS, ROOT, Block, commands, of_kind, words_of
from tests.docs.listed import COMMANDS, reason
from tests.docs.understood import understood

WRONG_ON_PURPOSE = "docs/mistakes.md"
"""tests/mistakes makes each of these, and compares the answers."""
PAGES = sorted({block.page for block in of_kind("shell")} - {WRONG_ON_PURPOSE})
MADE_NAMES = re.compile(r"(bundled:\S+|(meta-llama|Qwen|mistralai)/\S+)")
"""Models that the tiny one stands for."""
SMALL = (
    *("sampling.n=3", "sampling.max_tokens=8", "refinement.max_tokens=8"),
    *("denoising.consistency=off", "denoising.tau={quantile: 1.0}"),
    *("evaluation.max_tokens=8", "evaluation.bootstrap=100"),
    *("max_prompts=8", "max_heldout=10", "training.epochs=1", "training.lora.rank=2"),
    "judging.kind=rating-expected",
    *("engine.kind=transformers", "engine.device=cpu", "engine.dtype=float32"),
)
ADDED = {
    "align": SMALL,
    "evaluate": ("evaluation.max_tokens=8", "evaluation.bootstrap=100", "--duels", "none"),
    "export": ("--despite-gate",),
    "init": ("--yes",),
    "mark draw": ("sampling.max_tokens=8", "--n", "4"),
    "train": ("training.lora.rank=2", "training.epochs=1"),
}
"""What is said besides, so that a command takes a moment."""
GATE = (0, 1, 3)


def run_here(words: list[str], names: list[str]) -> None:
    """Runs a command with stand-ins."""
    given = [stand_in(before, word) for before, word in zip(["", *words], words, strict=False)]
    for word in given:
        # A run that the page's reader has made.
        if re.fullmatch(r"runs/\w+", word) and _is_read(given, word) and not Path(word).exists():
            shutil.copytree("runs/first", word)
    name = " ".join(names)
    added = () if "--help" in given else ADDED.get(name, ())
    done = CliRunner().invoke(app, [*given, *added])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code in (GATE if names == ["gate"] else (0,)), done.output


def stand_in(before: str, word: str) -> str:
    """What is said in the place of a word, which stands behind another."""
    if MADE_NAMES.fullmatch(word):
        return "MODEL"
    if before in ("--constitution", "-c") and not word.endswith(".yaml"):
        return "goals.yaml"
    # The reader's first run is there already.
    return "runs/anew" if before in ("--out", "-o") and word == "runs/first" else word


def _is_read(words: list[str], word: str) -> bool:
    before = words[words.index(word) - 1]
    return before in ("--model", "-m") or (words.index(word) == 1)


def extras() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return set(project["optional-dependencies"])


def targets() -> set[str]:
    return set(re.findall(r"^([\w%-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def check_other(words: list[str]) -> str:
    """A command of another program: that what it names is here. Gives what was looked at."""
    match words:
        case ["make", *named]:
            for target in (word for word in named if "=" not in word):
                known = target in targets() or (ROOT / f"benchmarks/{target[6:]}.py").is_file()
                assert known, f"no target {target}"
        case ["pip", "install", *named] | ["uv", "pip", "install", *named]:
            for extra in re.findall(r"\[([\w,]+)\]", " ".join(named)):
                assert set(extra.split(",")) <= extras(), extra
        case ["accelerate", "launch", *rest]:
            assert understood(rest[rest.index("primum") + 1 :]) == ["train"]
            assert Path(rest[rest.index("--config_file") + 1]).is_file()
        case ["python" | "python3" | ".venv/bin/python", file, *_] if file.endswith(".py"):
            assert (ROOT / file).is_file(), file
        case ["cd", place]:
            made = place.startswith("runs/") or place == "primum"
            assert made or (ROOT / place).is_dir(), place
        case ["vllm", "serve", *_] | ["export", *_] | ["find", *_] | ["git", *_]:
            pass
        case ["python" | "python3", "-m", *_] | ["pre-commit" | "docker" | "podman" | "ssh", *_]:
            pass
        case [program, *_]:
            raise AssertionError(f"say in tests/docs how a command of {program} is checked")
    return words[0]


def lay_out(block: Block) -> None:
    """Writes the files that a page shows, each under the name in its first line."""
    for shown in BLOCKS:
        name = re.match(r"# ([\w./-]+\.(?:yaml|py))\b", shown.text)
        if shown.page == block.page and name:
            Path(name[1]).parent.mkdir(parents=True, exist_ok=True)
            Path(name[1]).write_text(shown.text, encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page(page, workshop, monkeypatch):
    for block in (one for one in of_kind("shell") if one.page == page):
        assert commands(block), f"{block}: no command; in a console they begin with '$ '"
        lay_out(block)
        for command in commands(block):
            words = words_of(command)
            try:
                if words[0] != "primum":
                    check_other(words)
                    continue
                names = understood(words[1:])
                if reason(COMMANDS, page, command) is None:
                    run_here(words[1:], names)
            except (UserError, AssertionError) as fault:
                raise AssertionError(f"{block}: {command}\n{fault}") from fault


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("align prompts.jsonl --model MODEL --out runs/x trainng.epochs=1", "trainng"),
        ("align absent.jsonl --model MODEL --out runs/x", "absent.jsonl"),
        ("align prompts.jsonl --model MODEL --out runs/x --recipe papr", "papr"),
        ("compare spa dpoo --model MODEL --prompts seed --out runs/x", "dpoo"),
        ("audit --model MODEL --constitution harmles-helpful", "harmles-helpful"),
        ("gate before.jsonl after.jsonl --mdoel ./judge", "--mdoel"),
    ],
)
def test_a_command_that_does_not_work_is_found(command, said, workshop):
    with pytest.raises(Exception, match=said):
        understood(command.split())


def test_what_is_listed_is_there():
    """An entry that stands for nothing is to be struck out."""
    said = [(block.page, command) for block in of_kind("shell") for command in commands(block)]
    for entry in COMMANDS:
        assert any(reason((entry,), page, command) for page, command in said), entry
