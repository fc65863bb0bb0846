import re

from primum.cli.progress import ConsoleProgress
from primum.engines.base import Completion, tokens_of


def test_a_stage_that_writes_says_how_fast(capsys):
    finished = [(index, Completion("x", 40, "stop")) for index in range(30)]
    with ConsoleProgress() as progress:
        assert list(progress.track(iter(finished), "sample", 30, tokens_of)) == finished
        assert list(progress.track(iter("ab"), "judge", 2)) == ["a", "b"]
    sample, judge = capsys.readouterr().err.splitlines()
    assert re.search(r"sample +30 done in .*/s\) 1,200 tokens \([\d,]+/s\)", sample)
    assert re.search(r"judge +2 done in [\d.]+ s \([\d.]+/s\)$", judge)
