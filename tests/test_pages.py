"""The pages for users: every link leads somewhere, and every page can be reached."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)")


def anchors(page: Path) -> set[str]:
    """What the headings of a page are called in links, as GitHub makes it."""
    heads = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.strip().lower()).replace(" ", "-") for head in heads}


def links(page: Path) -> list[tuple[Path, str]]:
    found = LINK.findall(page.read_text())
    return [((page.parent / place if place else page).resolve(), anchor) for place, anchor in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    for place, anchor in links(page):
        assert place.exists(), place
        assert not anchor or anchor in anchors(place), f"{place}#{anchor}"


def test_every_page_is_linked_to():
    linked = {place for page in PAGES for place, _ in links(page) if place != page}
    assert set(PAGES[1:]) <= linked
