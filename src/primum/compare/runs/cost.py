"""What a finished run cost, from its own files."""

import re
from collections.abc import Mapping
from pathlib import Path

from primum.compare.finished import Cost
from primum.run.layout import TRAINING
from primum.run.plan import PROOF
from primum.run.stage import SPENT
from primum.run.stages.evaluate import STAGE as EVALUATE
from primum.store.manifest import StageRecord
from primum.training.summary import read_summary

_AFTER_TRAINING = {stage.name for stage in PROOF}
_EARLIER = re.compile(r"iteration-([0-9]+)/")
"""Of stages that do not belong to the last round; see `run.layout.round_folder`."""


def cost_of(path: Path, records: Mapping[str, StageRecord], rounds: int) -> Cost:
    """Adds up what a run cost by itself.

    Steps that it adopted count as in the run that made them, and calls that another run had made
    already count as if made for this one. Seconds are those that passed: where another run had
    made some of a stage's calls, fewer.

    Args:
        path: The run directory.
        records: Its finished stages by name.
        rounds: How many the recipe has; what earlier settings left of further ones does not count.

    Raises:
        UserError: If a summary of training cannot be read.
    """
    made = [record for name, record in records.items() if _makes_the_model(name, rounds)]
    spent = [record.facts.get(SPENT, {}) for record in made]
    summaries = [
        read_summary(path / file)
        for record in made
        for file in record.outputs
        if Path(file).name == TRAINING
    ]
    memory = [summary.memory for summary in summaries if summary.memory is not None]
    return Cost(
        prompt_tokens=sum(each.get("prompt_tokens", 0) for each in spent),
        sampled_tokens=sum(each.get("answer_tokens", 0) for each in spent),
        trained_tokens=sum(summary.tokens for summary in summaries),
        answer_tokens=_answer_tokens(records),
        seconds=sum(record.seconds for record in made),
        memory=max(memory, default=None),
    )


def _makes_the_model(stage: str, rounds: int) -> bool:
    """Whether a stage of this name comes before the last model of a run of so many rounds."""
    earlier = _EARLIER.match(stage)
    return stage not in _AFTER_TRAINING and (earlier is None or int(earlier[1]) < rounds)


def _answer_tokens(records: Mapping[str, StageRecord]) -> float:
    """Tokens written for each held-out prompt, on average; 0 where the run did not count them."""
    evaluated = records.get(EVALUATE.name)
    return float(evaluated.facts.get("answer_tokens", 0)) if evaluated else 0.0
