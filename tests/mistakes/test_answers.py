"""Every mistake is made, and the page shows what primum answers."""

import re
from pathlib import Path

import pytest

from tests.mistakes.page import MISTAKES, section
from tests.mistakes.place import answer

PAGE = (Path(__file__).parents[2] / "docs/mistakes.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.title)
def test_the_page_shows_the_answer(mistake, first_hour, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, said = answer(mistake, tmp_path, *first_hour)
    assert status == mistake.status
    assert "Traceback" not in said
    assert section(mistake, said) in PAGE, said


def test_the_page_shows_nothing_else():
    assert re.findall(r"^### (.*)$", PAGE, re.MULTILINE) == [made.title for made in MISTAKES]
    assert len(MISTAKES) >= 40
