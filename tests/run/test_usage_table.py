from rich.console import Console

from primum.run.usage import Calls, StageUsage, Usage
from primum.run.usage_table import calls_summary


def test_names_and_figures_stay_whole_at_80_columns():
    calls = Calls(12_400, 1_737, 12_345_678, 49_920_000, 45_000.0)
    stage = StageUsage("iteration-1/synthesis", 45_000.0, {"judge": calls})
    usage = Usage((stage,), finished=True, stored_bytes=2**20)
    console = Console(width=80)
    with console.capture() as capture:
        console.print(calls_summary(usage))
    text = capture.get()
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "…" not in text
    for whole in ("iteration-1/synthesis", "12\u202f400", "12.3M", "12.3%", "12 h 30 min", "1109"):
        assert whole in text
