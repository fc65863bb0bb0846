"""Writes docs/llms.txt, the site in short for language models: `python docs/tools/llms.py`.

The form is that of llmstxt.org: a title, a summary, and sections of links with a line each. The
sections are those of the site's navigation; a line is the first sentence of its page.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FILE = DOCS / "llms.txt"

_SENTENCE = re.compile(r"(.+?[.!?])(?=\s|$)", re.DOTALL)
_NO_PROSE = re.compile(r"#|[-|<>!*] |\||!\[|<!--|:::|    |```")


class _Loader(yaml.SafeLoader):
    """Reads mkdocs.yml, in which MkDocs lets a setting name a function."""


_Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda *given: None)


def settings() -> dict[str, Any]:
    """What mkdocs.yml says."""
    # The loader is a safe one: it makes no object of what a tag names.
    return yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader=_Loader)


def llms_text() -> str:
    """The whole file."""
    known = settings()
    head = [f"# {known['site_name']}", "", f"> {known['site_description']}"]
    return "\n".join([*head, *_sections()])


def _sections() -> Iterator[str]:
    for entry in settings()["nav"]:
        if not isinstance(entry, dict):
            continue
        ((title, pages),) = entry.items()
        written = [page for page in pages if (DOCS / page).is_file()]
        if written:
            yield f"\n## {title}\n"
            yield from (f"- [{heading(page)}]({page}): {first_sentence(page)}" for page in written)
    yield ""


def heading(page: str) -> str:
    """The title of a page."""
    found = re.search(r"^# (.+)$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else page


def first_sentence(page: str) -> str:
    """The first sentence of a page's first paragraph, without marks and links."""
    text = (DOCS / page).read_text(encoding="utf-8")
    body = re.sub(r"^(```.*?^```|<!--.*?-->)$", "", text, flags=re.MULTILINE | re.DOTALL)
    paragraphs = [part.strip("\n") for part in body.split("\n\n")]
    plain = [part for part in paragraphs if part and not _NO_PROSE.match(part)]
    sentence = _SENTENCE.match(plain[0])
    words = " ".join((sentence[1] if sentence else plain[0]).split())
    linkless = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", words)
    return re.sub(r"\*\*|`", "", linkless)


if __name__ == "__main__":
    FILE.write_text(llms_text(), encoding="utf-8")
