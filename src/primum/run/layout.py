"""The files of a run directory: every name, once."""

from pathlib import Path

MANIFEST = "manifest.json"
LOCK = ".lock"
RECIPE = "recipe.yaml"
CALLS = "calls.sqlite"
PROGRESS = "progress.json"
"""How far the run is, while it goes on, or where and why it ended before its end; a finished run
has none. See `run.executing.progress_file`."""
COMPARISON = "comparison.json"
"""Says in the folder of a comparison what its runs are about; they lie three folders below it."""

PROMPTS = "prompts.parquet"
CONSTITUTION = "constitution.yaml"
RESPONSES = "responses.parquet"
SCORES = "scores.parquet"
THOUGHT_SCORES = "thought_scores.parquet"
"""Apart from the scores of answers, so that nothing can average the two by accident."""
DECISIONS = "verdicts.parquet"
"""What the filters decided. The name is part of the records that other programs read."""
PAIRS = "pairs.parquet"
MODEL = "model"
TRAINING = "training.json"
CHECKPOINTS = "checkpoints"
TRAINING_LOG = "accelerate.log"
ANSWERS = "answers.parquet"
"""Answers to the held-out prompts."""
JUDGEMENTS = "judgements.parquet"
JUDGES = "judges.json"
"""Who judged those answers; see `judging.facts.JudgeFacts`."""
GUARDS = "guards.parquet"
"""What guards measured that ask a model."""
LABELS = "labels.parquet"
"""What people said of those answers; empty until `primum gate --labels`."""
SHEETS = "label_sheets.json"
"""Which blind sheets were drawn from the run, and the seeds that tell their sides apart."""
GATE = "evaluation.json"
TRACKING = "tracking.json"
"""What experiment trackers have had of the run; see `run.tracking`."""
REPORT = "report.html"
CARD = "README.md"

AUDIT = "audit.json"
AUDIT_PAGE = "audit.html"

EARLIER = "earlier"
"""What a finished run held before its settings changed, one folder for each change."""

FORMER = ("evaluation.parquet",)
"""What runs of an earlier primum hold and this one does not write."""

TABLES = {
    Path(name).stem: name
    for name in (
        PROMPTS,
        RESPONSES,
        SCORES,
        THOUGHT_SCORES,
        DECISIONS,
        PAIRS,
        ANSWERS,
        JUDGEMENTS,
        GUARDS,
    )
}
"""The tables by the names that people know them by; see `store.schemas`."""

PROOF_TABLES = ("prompts", "answers", "judgements", "guards")
"""Those of a run that trains nothing."""
PROOF_STAGES = ("prompts", "evaluate", "guard", "label", "gate", "report")
"""Its stages."""

_ROUND = "iteration-"
_SEEDS = "seeds"
_OBJECTIVES = "objectives"


def round_folder(number: int, last: int) -> str:
    """Where a round's files lie, relative to the run: the last round's in the run itself.

    Args:
        number: Which round, counted from 1.
        last: How many rounds there are.
    """
    return "" if number == last else f"{_ROUND}{number}"


def calls_of(run: Path) -> Path:
    """The store of the calls that a run has made: its own, or its comparison's.

    Args:
        run: The run directory.
    """
    above = run.resolve().parents[2:3]
    shared = [folder / CALLS for folder in above if (folder / COMPARISON).is_file()]
    return shared[0] if shared and not (run / CALLS).exists() else run / CALLS


def of_seed(file: str, number: int) -> str:
    """A file that training writes, relative to the run: the first seed's in the run itself.

    Args:
        file: Such as `model`.
        number: Which training seed, counted from 1.
    """
    return file if number == 1 else f"{_SEEDS}/{number}/{file}"


def of_objective(file: str, number: int) -> str:
    """A file of one objective's training, where objectives are trained apart.

    Args:
        file: Such as `model`.
        number: Which objective, in order of priority, counted from 1.
    """
    return f"{_OBJECTIVES}/{number}/{file}"
