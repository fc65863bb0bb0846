"""docs/mistakes.md, written from what primum really answers.

python -m tests.mistakes.page docs/mistakes.md
"""

import os
import sys
import tempfile
import textwrap
from pathlib import Path

import tests.conftest  # noqa: F401 (first, since it keeps libraries offline and still)
from tests.mistakes import constitutions, models, prompts, proofs, runs, settings, words
from tests.mistakes.place import Mistake, answer

SECTIONS = {
    "Prompts": prompts.MISTAKES,
    "Models": models.MISTAKES,
    "Constitutions": constitutions.MISTAKES,
    "Recipes and settings": settings.MISTAKES,
    "Words of the command": words.MISTAKES,
    "Runs": runs.MISTAKES,
    "Proofs, labels and exports": proofs.MISTAKES,
}
MISTAKES = tuple(mistake for mistakes in SECTIONS.values() for mistake in mistakes)
_HEAD = """# Mistakes, and what primum answers

Nobody reads a manual first. These are the mistakes of a first hour, each with what primum says to
it: what is wrong, where, and what to do. A test makes every one of them and compares the answer
with this page, which `python -m tests.mistakes.page docs/mistakes.md` writes. Long answers are
broken here; in a log each is one line. The exit status is 2 unless the page says otherwise
([commands.md](commands.md#exit-status)).
"""
_WIDTH = 98


def section(mistake: Mistake, said: str) -> str:
    """How the page shows a mistake and what primum said to it."""
    lines = [
        part
        for line in said.splitlines()
        for part in textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False)
    ]
    status = f"\nThe exit status is {mistake.status}.\n" if mistake.status != 2 else ""
    shown = "\n".join([f"$ {mistake.command}", *lines])
    return f"### {mistake.title}\n\n```console\n{shown}\n```\n{status}"


def _write(page: Path) -> None:
    from tests.mistakes.making import made

    parts = [_HEAD]
    with tempfile.TemporaryDirectory() as place:
        run, model = made(Path(place))
        for title, mistakes in SECTIONS.items():
            parts.append(f"## {title}\n")
            for number, mistake in enumerate(mistakes):
                folder = Path(place) / title.replace(" ", "") / str(number)
                folder.mkdir(parents=True)
                os.chdir(folder)
                parts.append(section(mistake, answer(mistake, folder, run, model)[1]))
    page.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    _write(Path(sys.argv[1]).absolute())
