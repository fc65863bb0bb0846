"""The code blocks of README and docs, and the commands in them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
)
LANGUAGES = {
    "shell": ("sh", "console", "bash"),
    "python": ("python",),
    "data": ("yaml", "json", "jsonl", "toml"),
    "text": ("", "text"),
}
"""What blocks may hold; a block of text is a drawing or what a command prints."""
_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        page: Its page, relative to the repository.
        line: Where it begins.
        language: What the fence says.
        text: What it holds.
    """

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(page: str, text: str) -> Iterator[Block]:
    """The blocks of a page."""
    for found in _FENCE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(page, line, found[1].strip(), found[2])


BLOCKS = tuple(
    block
    for page in PAGES
    for block in blocks_of(page.relative_to(ROOT).as_posix(), page.read_text(encoding="utf-8"))
)


def of_kind(kind: str) -> list[Block]:
    """The blocks of shell, Python, data or text."""
    return [block for block in BLOCKS if block.language in LANGUAGES[kind]]


def commands(block: Block) -> list[str]:
    """The command lines of a shell block, those over several lines in one.

    In a console, what follows `$ ` is a command, and the rest what it prints.
    """
    joined = block.text.replace("\\\n", " ").splitlines()
    if block.language == "console":
        lines = [line.removeprefix("$ ") for line in joined if line.startswith("$ ")]
    else:
        lines = [line for line in joined if line.strip() and not line.lstrip().startswith("#")]
    return [re.sub(r"\s+", " ", line).strip() for line in lines]


def words_of(command: str) -> list[str]:
    """A command line as its program gets it, without comment, pipe and redirection."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|>")
    lexer.whitespace_split = True
    words = list(lexer)
    ends = [at for at, word in enumerate(words) if set(word) <= {"|", ">"}]
    return words[: ends[0]] if ends else words
