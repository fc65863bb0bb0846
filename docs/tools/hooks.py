"""What MkDocs does besides: pages from the root, and sources beside the pages.

MkDocs calls these functions by their names, and is imported by them alone: the tests read what
stands here, and have no MkDocs.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.structure.files import Files

ROOT = Path(__file__).resolve().parents[2]

AT_ROOT = {
    "index.md": "README.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
    "security.md": "SECURITY.md",
    "conduct.md": "CODE_OF_CONDUCT.md",
}
"""Pages of the site whose source lies at the root of the repository."""

LINK = re.compile(r"(\]\()(?!https?:|mailto:|#)([^)#\s]+)")
_COPIES = "repository"


def on_files(files: Files, config: Any) -> Files:
    """Adds the pages of the root, and a copy of every file outside docs/ that a page links to."""
    from mkdocs.structure.files import File

    for name, source in AT_ROOT.items():
        text = _linked_within((ROOT / source).read_text(encoding="utf-8"), ROOT, ROOT / "docs")
        files.append(File.generated(config, name, content=text))
    for path in sorted(_linked_outside()):
        content = (ROOT / path).read_bytes()
        files.append(File.generated(config, f"{_COPIES}/{path}", content=content))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Leads the links of a page to where the site has their files."""
    if page.file.generated_by:
        return markdown
    folder = (ROOT / "docs" / page.file.src_uri).parent
    return _linked_within(markdown, folder, folder)


def on_post_build(config: Any) -> None:
    """Lays the source of every page beside it, for readers that want no HTML (see llms.txt)."""
    site = Path(config["site_dir"])
    for page in (ROOT / "docs").rglob("*.md"):
        place = site / page.relative_to(ROOT / "docs")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(page.read_text(encoding="utf-8"), encoding="utf-8")


def _linked_within(text: str, written_in: Path, shown_in: Path) -> str:
    """A page's text with each link that leads out of docs/, or is written outside, led right."""

    def led(found: re.Match[str]) -> str:
        target = (written_in / found[2]).resolve()
        if not target.is_relative_to(ROOT):
            return found[0]
        return found[1] + _path_from(shown_in.relative_to(ROOT / "docs"), _in_site(target))

    return LINK.sub(led, text)


def _in_site(target: Path) -> Path:
    """Where the site has a file of the repository."""
    path = target.relative_to(ROOT)
    for name, source in AT_ROOT.items():
        if path.as_posix() == source:
            return Path(name)
    return path.relative_to("docs") if path.parts[0] == "docs" else Path(_COPIES) / path


def _path_from(folder: Path, target: Path) -> str:
    return "/".join([*([".."] * len(folder.parts)), target.as_posix()])


def _linked_outside() -> set[str]:
    """Paths of the files outside docs/ that some page links to, and that are no pages here."""
    pages = [ROOT / source for source in AT_ROOT.values()]
    found = set()
    for page in [*pages, *(ROOT / "docs").rglob("*.md")]:
        for _, link in LINK.findall(page.read_text(encoding="utf-8")):
            target = (page.parent / link).resolve()
            if target.is_file() and _COPIES in _in_site(target).parts:
                found.add(target.relative_to(ROOT).as_posix())
    return found
