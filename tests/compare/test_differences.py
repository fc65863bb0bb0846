"""Differences from the reference, corrected together, and what is said of them."""

import pytest

from primum.compare.differences import MethodDifference, surviving, worth
from primum.compare.measured import Yardstick
from primum.statistics.interval import Interval
from tests.compare.made import made_run, made_table

HARMLESS = Yardstick("harmless")


def difference(method, judge, p, *, value=1.0, by=HARMLESS, seeds=(0, 1)):
    return MethodDifference(
        method, judge, by, seeds, Interval(value, None, None, 20), p, p_adjusted=p
    )


def test_the_correction_is_holms_over_all_methods_examiners_and_measures():
    runs = [made_run(name, gain, gain) for name, gain in (("spa", 0.4), ("a", 0.3), ("b", 0.0))]
    found = made_table(runs).differences
    # Two methods, two examiners, two objectives and two λ.
    assert len(found) == 16
    ranked = sorted(found, key=lambda each: each.p)
    least = 0.0
    for rank, each in enumerate(ranked):
        least = max(least, min(1.0, (16 - rank) * each.p))
        assert each.p_adjusted == pytest.approx(least)
    assert 0 < len(surviving(found, 0.05)) < 16


def test_what_survives_is_named():
    helpful = Yardstick("helpful")
    found = [
        difference("sft", "examiner", 0.001, value=-1.0),
        difference("sft", "second", 0.002, value=-1.0),
        difference("sft", "examiner", 0.5, value=0.3, by=helpful),
        difference("sft", "second", 0.03, value=0.3, by=helpful),
        difference("dpo", "examiner", 0.001),
        difference("dpo", "second", 0.001),
        difference("dpo", "examiner", 0.001, by=helpful),
        difference("dpo", "second", 0.001, by=helpful),
        difference("ipo", "second", None, by=helpful),
    ]
    assert worth(found, "spa", 0.05) == (
        "7 of 8 comparisons with spa survive correction for all of them. "
        "Higher than spa: sft (helpful by second), dpo (on everything). "
        "Lower than spa: sft (harmless)."
    )


def test_nothing_that_survives_is_said_as_plainly():
    found = [difference("sft", "examiner", 0.2, seeds=(0,))]
    assert worth(found, "spa", 0.05) == (
        "None of 1 comparison with spa survives correction for all of them: these answers do not "
        "tell any other method from spa. With one seed, nothing is said of what another seed would "
        "give."
    )
    assert worth([], "spa", 0.05) == "No method can be compared with spa."
