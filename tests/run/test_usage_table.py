from rich.console import Console

from primum.run.usage_table import calls_summary


def test_names_and_figures_stay_whole_at_80_columns():
    calls = {
        "calls": 12_400,
        "hits": 0,
        "prompt_tokens": 12_345_678,
        "answer_tokens": 1_234_567,
        "seconds": 45_000.0,
        "hit_rate": 0.123,
        "tokens_per_second": 1109.8,
    }
    stage = {"stage": "iteration-1/synthesis", "seconds": 900.0, "purposes": {"judge": calls}}
    content = {
        "stages": [stage],
        "total": calls,
        "finished": True,
        "seconds": 45_000.0,
        "stored_bytes": 2**20,
    }
    console = Console(width=80)
    with console.capture() as capture:
        console.print(calls_summary(content))
    text = capture.get()
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "…" not in text
    for whole in ("iteration-1/synthesis", "12\u202f400", "12.3M", "12.3%", "12 h 30 min", "1110"):
        assert whole in text
