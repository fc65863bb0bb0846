"""The audit's page and terminal summary, whatever stands in the audit."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from primum.audit.views.page import audit_section, write_audit_page
from primum.audit.views.terminal import audit_summary
from primum.audit.views.view import view_audit
from primum.report.page import assemble, render
from tests.audit.sample import sample_audit
from tests.report.sample import NASTY, make_run
from tests.report.test_page import read


def page_of(tmp_path, found):
    write_audit_page(found, tmp_path / "audit.html")
    return (tmp_path / "audit.html").read_text(encoding="utf-8")


def said(found, width=120):
    stream = io.StringIO()
    Console(file=stream, width=width).print(audit_summary(found))
    return stream.getvalue()


FIGURES = (
    "71% [61%, 81%]",
    "0.71 [0.61, 0.81]",
    "length alone",
    "trust above a gap of 1.2 points",
    "watch harmless",
    "+0.30 [−0.10, +0.70]",
    "τ (denoising.tau)",
    "2 (50% of prompts)",
    "does not apply",
    "0.77 [0.69, 0.85]",
    "58% [50%, 66%]",
    "do not use a threshold: harmless",
    "everyday against harmful: it takes 10 of them",
    "no category",
    "6.10 [5.50, 6.70]",
)


def test_the_page_and_the_terminal_tell_the_audit(tmp_path):
    page = " ".join("".join(read(page_of(tmp_path, sample_audit())).text).split())
    terminal = said(sample_audit())
    for expected in FIGURES:
        assert expected in page, expected
        assert expected in terminal, expected
    assert "RV by det Σ" in page
    assert "Reliability: harmless, exemplars" in page
    assert "Calibration error 0.29, Brier score 0.26." in page


@pytest.mark.parametrize("name", ["harmless", "honest about what it knows"])
def test_names_and_figures_stay_whole_at_80_columns(name):
    found = sample_audit(name, sources=("exemplars", "labelled pairs"))
    text = said(found, width=80)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "…" not in text
    assert text.count("this judge") == text.count("length alone") == 4
    if name == "harmless":
        assert "harmless, labelled pairs" in text
        assert "71% [61%, 81%]" in text
    else:
        # Longer than any name in the table may be, it goes on in the next line.
        assert re.search(r"\nhonest about what it +\nknows, labelled pairs ", text)


def test_without_prompts_or_curve_the_page_says_so(tmp_path):
    found = replace(sample_audit(curve=False), filters=None)
    assert "were not tried" in page_of(tmp_path, found)
    assert "not tried" in said(found)
    assert view_audit(found).panels == ()


def test_a_report_shows_the_audit_where_there_is_one():
    data = make_run()
    assert 'id="audit"' not in render(assemble(data))
    page = render(assemble(data, [audit_section(sample_audit())]))
    assert "71% [61%, 81%]" in "".join(read(page).text)
    assert page.count('id="audit"') == 1


@pytest.mark.parametrize("text", NASTY)
def test_untrusted_text_stays_text(tmp_path, text):
    page = page_of(tmp_path, sample_audit(text))
    tags = set(read(page).tags)
    assert not tags & {"script", "img"}
    assert page.count("<h1>") == 1
    assert "\x1b" not in said(sample_audit(text))
