"""The audit's page and terminal summary, whatever stands in the audit."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from primum.audit.views.page import view_audit, write_audit_page
from primum.audit.views.terminal import audit_summary
from primum.report.page import assemble, render
from tests.report.sample import NASTY, make_run
from tests.report.test_page import read


def estimate(value, low=None, high=None):
    return {"value": value, "low": low, "high": high}


def row(judge, value):
    return {
        "source": "exemplars",
        "out_of_fold": True,
        "judge": judge,
        "agreement": {
            "pairs": 60,
            "prompts": 60,
            "missing": 0,
            "ties": 0.0,
            "accuracy": estimate(value, value - 0.1, value + 0.1),
            "auc": estimate(value, value - 0.1, value + 0.1),
            "tau": estimate(None),
            "thirds": [{"accuracy": estimate(share)} for share in (0.5, 0.7, 0.9)],
        },
        "length": {
            "better_shorter": estimate(0.61),
            "better_longer": estimate(None),
            "correlation": -0.12,
        },
    }


def content(text="harmless", curve=True):
    points = [{"share": s / 4, "tau": float(s), "value": 1 - s / 9, "error": 0.1} for s in (1, 2)]
    return {
        "model": text,
        "constitution": text,
        "recipe": text,
        "seed": 3,
        "confidence": 0.95,
        "position": "does not apply: " + text,
        "objectives": [
            {
                "objective": text,
                "trust": {
                    "verdict": "above",
                    "sentence": f"{text}: trust above a gap of 1.2 points",
                    "warnings": [f"watch {text}"],
                },
                "rows": [row("this judge", 0.71), row("random", 0.5), row("length alone", 0.52)],
                "saturation": {
                    "scores": 120,
                    "top": 0.25,
                    "bottom": None,
                    "ties": 0.0,
                    "deviation": 1.5,
                },
                "retest": {"deviation": 0.0},
                "attack": {"gain": estimate(0.3, -0.1, 0.7), "worst": 2.5},
            }
        ],
        "filters": {
            "source": text,
            "prompts": 32,
            "kept": 20,
            "tau": 0.8,
            "reasons": [[text, 12]],
        },
        "suggestion": {
            "tau": 2.0,
            "tau_share": 0.5,
            "tau_rule": text,
            "delta": None,
            "delta_rule": text,
            "measure": "RV",
            "curve": points if curve else [],
        },
    }


def page_of(tmp_path, found):
    write_audit_page(found, tmp_path / "audit.html")
    return (tmp_path / "audit.html").read_text(encoding="utf-8")


def said(found):
    stream = io.StringIO()
    Console(file=stream, width=120).print(audit_summary(found))
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
)


def test_the_page_and_the_terminal_tell_the_audit(tmp_path):
    page = " ".join("".join(read(page_of(tmp_path, content())).text).split())
    terminal = said(content())
    for expected in FIGURES:
        assert expected in page, expected
        assert expected in terminal, expected
    assert "RV by det Σ" in page


def test_without_prompts_or_curve_the_page_says_so(tmp_path):
    found = {**content(curve=False), "filters": None}
    assert "were not tried" in page_of(tmp_path, found)
    assert "not tried" in said(found)
    assert view_audit(found).panels == ()


def test_a_report_shows_the_audit_where_there_is_one():
    data = make_run()
    assert 'id="audit"' not in render(assemble(data))
    page = render(assemble(replace(data, audit=content())))
    read(page)
    assert page.count('id="audit"') == 1


@pytest.mark.parametrize("text", NASTY)
def test_untrusted_text_stays_text(tmp_path, text):
    page = page_of(tmp_path, content(text))
    tags = set(read(page).tags)
    assert not tags & {"script", "img"}
    assert page.count("<h1>") == 1
    assert "\x1b" not in said(content(text))
