"""The documentation site: its navigation, what is generated, and that it needs no network."""

import importlib
import re
import subprocess
from pathlib import Path

import pytest
from docs.tools import hooks, llms, options, pictures

from tests.browser import chromium, needs_browser, opened

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MKDOCS = ROOT / ".venv-docs" / "bin" / "mkdocs"


def navigation():
    entries = llms.settings()["nav"]
    return [page for entry in entries for page in _pages(entry)]


def _pages(entry):
    return (
        [entry] if isinstance(entry, str) else [page for pages in entry.values() for page in pages]
    )


def test_every_page_stands_in_the_navigation_once():
    listed = navigation()
    written = {file.relative_to(DOCS).as_posix() for file in DOCS.rglob("*.md")}
    assert len(listed) == len(set(listed))
    assert written - set(listed) == set()
    assert set(listed) - written - hooks.AT_ROOT.keys() == set()


def test_what_pages_link_to_is_a_file_and_a_page_of_the_site_where_it_is_text():
    pages = [*(ROOT / source for source in hooks.AT_ROOT.values()), *DOCS.rglob("*.md")]
    for page in pages:
        for _, link in hooks.LINK.findall(page.read_text(encoding="utf-8")):
            target = (page.parent / link).resolve()
            assert target.is_file(), f"{page}: {link}"
            assert target.suffix != ".md" or target in pages, f"{page}: {link}"


def test_the_pictures_are_those_of_the_script():
    assert {file.stem for file in pictures.FOLDER.glob("*.svg")} == set(pictures.PICTURES)
    for name, drawing in pictures.PICTURES.items():
        drawn = (pictures.FOLDER / f"{name}.svg").read_text(encoding="utf-8")
        assert drawn == drawing, "run: python docs/tools/pictures.py"


def test_every_picture_says_in_words_what_it_shows():
    for page in DOCS.rglob("*.md"):
        for words, _ in re.findall(r"!\[([^\]]*)\]\(([^)]*)\)", page.read_text(encoding="utf-8")):
            assert len(words) > 20, f"{page}: {words!r}"


def test_llms_txt_is_up_to_date():
    assert llms.FILE.read_text(encoding="utf-8") == llms.llms_text(), (
        "run: python docs/tools/llms.py"
    )


def test_llms_txt_has_the_form_of_llmstxt_org():
    lines = [line for line in llms.llms_text().splitlines() if line]
    assert lines[0].startswith("# ")
    assert lines[1].startswith("> ")
    for line in lines[2:]:
        link = re.fullmatch(r"## .+|- \[.+\]\((\S+\.md)\): .+[.!?]", line)
        assert link, line
        assert not link[1] or (DOCS / link[1]).is_file(), line


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("# A\n\nOne `b.c` is *d*. Two.", "One b.c is *d*."),
        (
            "# A\n\n```sh\nprimum\n\nalign\n```\n\n| a |\n\nA [link](b.md) to\nit: so. No.",
            "A link to it: so.",
        ),
        ("# A\n\n- a list\n\n![picture](p.svg)\n\n**Bold** words", "Bold words"),
    ],
)
def test_what_the_first_sentence_is(text, sentence, tmp_path, monkeypatch):
    (tmp_path / "page.md").write_text(text)
    monkeypatch.setattr(llms, "DOCS", tmp_path)
    assert llms.first_sentence("page.md") == sentence


def test_the_page_of_options_is_up_to_date():
    assert options.FILE.read_text(encoding="utf-8") == options.options_page(), (
        "run: python docs/tools/options.py"
    )


def test_the_api_page_has_every_public_name():
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    shown = re.findall(r"^::: (\S+)$", page, re.MULTILINE)
    for path in shown:
        module, _, name = path.rpartition(".")
        assert hasattr(importlib.import_module(module), name), path
    names = {path.rpartition(".")[2] for path in shown} | set(re.findall(r"`primum\.(\w+)`", page))
    import primum

    assert set(primum.__all__) - {"__version__"} - names == set()


def test_nothing_is_loaded_from_another_host():
    settings = llms.settings()
    assert settings["theme"]["font"] is False
    assert "offline" in settings["plugins"]
    assert all((DOCS / file).is_file() for file in settings["extra"]["polyfills"])
    assert "http" not in (ROOT / "mkdocs.yml").read_text()


@pytest.mark.slow
@pytest.mark.skipif(not MKDOCS.is_file(), reason="needs .venv-docs, which make docs makes")
@needs_browser
def test_the_site_is_built_and_searched_without_a_network(tmp_path):
    site = tmp_path / "site"
    subprocess.run([MKDOCS, "build", "--strict", "--site-dir", site], cwd=ROOT, check=True)
    loaded = re.compile(r"""<(?:script|link|img|iframe)[^>]*(?:src|href)=["']?(?:https?:)?//""")
    for page in site.rglob("*.html"):
        found = loaded.findall(page.read_text(encoding="utf-8"))
        assert [one for one in found if "canonical" not in one] == [], page
    assert (site / "llms.txt").is_file()
    assert (site / "concepts.md").is_file()
    with chromium() as browser, opened(browser, (site / "index.html").as_uri()) as tab:
        tab.page.locator("[data-md-component=search-query]").focus()
        tab.page.keyboard.type("consistency")
        tab.page.locator(".md-search-result__item").first.wait_for(state="attached")
        assert tab.complaints == []
