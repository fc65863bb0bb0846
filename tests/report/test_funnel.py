from itertools import pairwise

import pyarrow as pa

from primum.report.funnel import funnel
from primum.store.schemas import FILTER_DECISIONS, PAIRS
from tests.report.sample import REASONS, empty_run, make_run


def test_every_drop_is_at_its_step_with_its_reason():
    steps = funnel(make_run(kept=94).tables)
    assert [(step.name, step.count) for step in steps[:6]] == [
        ("prompts", 160),
        ("candidates scored", 158),
        ("refinement scored", 155),
        ("consistent", 115),
        ("informative", 94),
        ("with pairs", 90),
    ]
    assert steps[4].dropped == (
        ("unstable (det Σ > τ)", 14),
        ("uninformative (det Σ = 0)", 6),
        ("too few scored candidates", 1),
    )
    assert steps[5].dropped == (("no two responses make a pair", 4),)
    assert (steps[6].name, steps[6].unit, steps[6].dropped) == ("pairs", "pairs", ())
    for before, after in pairwise(steps[:6]):
        assert before.count - after.count == sum(number for _, number in after.dropped)


def test_nothing_kept():
    steps = funnel(make_run(kept=0).tables)
    assert [step.count for step in steps] == [66, 64, 61, 21, 0, 0, 0]
    assert sum(number for step in steps for _, number in step.dropped) == sum(n for _, n in REASONS)


def test_no_prompts():
    assert [step.count for step in funnel(empty_run().tables)] == [0] * 7


def test_an_unknown_reason_is_not_lost():
    rows = [{"prompt_id": "p", "kept": False, "reason": "a new filter"}]
    verdicts = pa.Table.from_pylist(rows, schema=FILTER_DECISIONS)
    steps = funnel({"verdicts": verdicts, "pairs": PAIRS.empty_table()})
    assert [step.count for step in steps] == [1, 1, 1, 1, 0, 0, 0]
    assert steps[4].dropped == (("a new filter", 1),)
