"""How fast a report opens and searches in headless Chromium, and how large it is.

    python benchmarks/report.py [--opens 5] [--clone]

The runs are made up (report_run.py), with texts as long as real ones. A page has opened when its
lists are shown, all pairs among them. A key stroke counts until the filtered list is drawn.

With --clone, only the way from nothing to a report is timed: `git clone` of this repository, `make
align`, and opening the report, with an empty cache. It installs everything, and takes many minutes.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import figure

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser import chromium, opened  # noqa: E402

from primum.report.page import write_report  # noqa: E402
from report_run import run_of  # noqa: E402

SIZES = (200, 2000, 20000)
READY = "html[data-lists]"
TYPED = ("the", "harm", "ea t", "so")
"""Queries, a key stroke for each letter: a frequent word, a rare one, two, and a beginning."""
STROKE = """async ([query, key]) => {
  const box = document.querySelector("#pairs-list input[type=search]");
  const began = performance.now();
  box.value = query + key;
  box.dispatchEvent(new Event("input"));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - began;
}"""
AIMS = {"open": 3000, "search": 100}
"""Milliseconds, of a page with 20,000 pairs."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--opens", type=int, default=5, help="How often each page is opened.")
    arguments.add_argument("--clone", action="store_true", help="Time the way from nothing alone.")
    given = arguments.parse_args()
    if given.clone:
        report_clone()
        return
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        for pairs in SIZES:
            page = Path(folder) / f"{pairs}.html"
            write_report(run_of(pairs), page)
            report_opening(browser, page, pairs, given.opens)
        size = page.stat().st_size / 1e6
        figure(f"report_size_mb_{pairs}", round(size, 1), "MB", pairs=pairs)
        report_search(browser, page, pairs)


def report_opening(browser, page: Path, pairs: int, opens: int) -> None:
    """Prints how long a page takes to open.

    Args:
        browser: From `tests.browser.chromium`.
        page: The report.
        pairs: How many it holds.
        opens: How often it is opened.
    """
    spent = [opening(browser, page) for _ in range(opens)]
    show(f"report_open_ms_{pairs}", spent, pairs=pairs, opens=opens, aim=AIMS["open"])


def opening(browser, page: Path) -> float:
    """Milliseconds from the address to the lists."""
    began = time.perf_counter()
    with opened(browser, page.as_uri()) as tab:
        tab.page.wait_for_selector(READY)
        return 1000 * (time.perf_counter() - began)


def report_search(browser, page: Path, pairs: int) -> None:
    """Prints how long the list takes to follow a key stroke.

    Args:
        browser: From `tests.browser.chromium`.
        page: The report.
        pairs: How many it holds.
    """
    with opened(browser, page.as_uri()) as tab:
        tab.page.wait_for_selector(READY)
        tab.page.locator("#pairs-list input[type=search]").focus()
        tab.page.wait_for_timeout(1000)
        spent = [
            tab.page.evaluate(STROKE, [query[:at], query[at]])
            for query in TYPED
            for at in range(len(query))
        ]
    show(f"report_search_ms_{pairs}", spent, pairs=pairs, strokes=len(spent), aim=AIMS["search"])


def show(name: str, spent: list[float], **facts: object) -> None:
    """Prints a median, with the least and the most.

    Args:
        name: What was measured.
        spent: Milliseconds.
        facts: What else a reader must know.
    """
    low, high = (round(end) for end in (min(spent), max(spent)))
    figure(name, round(statistics.median(spent)), "ms", low=low, high=high, **facts)


def report_clone() -> None:
    """Prints how long it takes from `git clone` to an open report, installation counted."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        copy = Path(folder) / "primum"
        began = time.perf_counter()
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(copy)], check=True)
        fresh = {**os.environ, "XDG_CACHE_HOME": str(Path(folder) / "cache")}
        subprocess.run(
            ["make", "align"], cwd=copy, check=True, stdout=subprocess.DEVNULL, env=fresh
        )
        opening(browser, copy / "runs" / "quickstart" / "report.html")
        seconds = time.perf_counter() - began
    figure("clone_to_report_s", round(seconds), "s", commands=1)


if __name__ == "__main__":
    main()
