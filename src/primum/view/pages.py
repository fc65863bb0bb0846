"""What a browser is shown, as HTML and as JSON."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from primum.report.drawing.rendering import fill
from primum.view.folders import Found
from primum.view.live import LiveRun, StepView
from primum.view.overview import Overview
from primum.view.pairs import PairView
from primum.view.rows import Link, OverviewRow, links_of

_TEMPLATES = Path(__file__).parent / "templates"
_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')
_BLANK_ROW = OverviewRow("run", "", "", "", "finished", "", "", ())
_BLANK_PAIR = PairView("", "", "", "", "", "")
_BLANK_STEP = StepView("", "waiting", "")


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """What the template of the overview shows; every text in it is escaped there.

    Attributes:
        title: The folder's name.
        subtitle: What it holds, counted.
        overview: All of it.
        blank: A row of which the script makes others.
    """

    title: str
    subtitle: str
    overview: Overview
    blank: OverviewRow


@dataclass(frozen=True, slots=True)
class LivePage:
    """What the template of a run shows; every text in it is escaped there.

    Attributes:
        title: Where the run lies.
        subtitle: What it is about.
        address: The page's own.
        run: How far it is.
        links: The pages that lie in its folder.
        blank_pair: A pair of which the script makes others.
        blank_step: A step likewise.
    """

    title: str
    subtitle: str
    address: str
    run: LiveRun
    links: tuple[Link, ...]
    blank_pair: PairView
    blank_step: StepView


def overview_html(overview: Overview) -> str:
    """The overview as a page."""
    page = OverviewPage(overview.title, overview.subtitle, overview, _BLANK_ROW)
    return _page("overview.html.j2", page)


def overview_json(overview: Overview) -> str:
    """The same for the page's script."""
    return json.dumps(asdict(overview), allow_nan=False)


def live_html(run: LiveRun, found: Found) -> str:
    """How far a run is, as a page."""
    address = f"/run/{found.id}"
    links = _reports(found)
    page = LivePage(run.title, run.subtitle, address, run, links, _BLANK_PAIR, _BLANK_STEP)
    return _page("live.html.j2", page)


def live_json(run: LiveRun, found: Found) -> str:
    """The same for the page's script."""
    links = [asdict(link) for link in _reports(found)]
    return json.dumps({"run": asdict(run), "links": links}, allow_nan=False)


def policy_of(page: str) -> str:
    """The content security policy of one of these pages, which allows its own script alone."""
    found = _POLICY.search(page)
    assert found is not None
    return found[1]


def _reports(found: Found) -> tuple[Link, ...]:
    """Links to the pages that lie in a run's folder."""
    return tuple(link for link in links_of(found) if link.address.startswith("/page/"))


def _page(template: str, page: object) -> str:
    style, script = (
        (_TEMPLATES / name).read_text(encoding="utf-8") for name in ("view.css", "view.js")
    )
    return str(fill(_TEMPLATES / template, page, style=style, script=script, asks=True))
