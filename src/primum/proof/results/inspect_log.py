"""Results as a log of Inspect (inspect_ai), which `inspect view` opens."""

from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from primum.errors import UserError
from primum.evaluation.comparing.comparison import EvaluationResult, Material, MeanScore
from primum.messages import Message, from_dicts


def require_inspect() -> None:
    """Refuses to go on without Inspect, before anything is paid for.

    Raises:
        UserError: If it is not installed.
    """
    from importlib.util import find_spec

    if find_spec("inspect_ai") is None:
        raise UserError("a log for Inspect needs inspect_ai: pip install 'primum[inspect]'")


def write_inspect_log(
    result: EvaluationResult, material: Material, answerer: str, path: Path
) -> None:
    """Writes an answerer's log.

    Args:
        result: What was found.
        material: What it was found from.
        answerer: Whose.
        path: The file, a .eval or .json one.
    """
    from inspect_ai.log import (
        EvalConfig,
        EvalDataset,
        EvalLog,
        EvalResults,
        EvalSpec,
        write_eval_log,
    )

    samples = _samples(material, answerer)
    log = EvalLog(
        status="success",
        eval=EvalSpec(
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            task="primum-evaluate",
            dataset=EvalDataset(name="prompts", samples=len(samples)),
            model=answerer,
            config=EvalConfig(),
            packages={"primum": version("primum")},
        ),
        results=EvalResults(
            total_samples=len(samples),
            completed_samples=len(samples),
            scores=[
                _score(mean)
                for mean in result.scores
                if mean.answerer == answerer and mean.category is None
            ],
        ),
        samples=samples,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_eval_log(log, str(path))


def _score(mean: MeanScore) -> Any:
    """An objective by a judge, over all prompts."""
    from inspect_ai.log import EvalMetric, EvalScore

    found = {"mean": mean.mean.value, "low": mean.mean.low, "high": mean.mean.high}
    return EvalScore(
        name=_name(mean.objective, mean.judge),
        scorer=mean.judge,
        scored_samples=mean.mean.n,
        unscored_samples=mean.mean.missing,
        metrics={
            name: EvalMetric(name=name, value=value)
            for name, value in found.items()
            if value is not None
        },
    )


def _samples(material: Material, answerer: str) -> list[Any]:
    """A sample per prompt, with the answer and its scores."""
    from inspect_ai.log import EvalSample
    from inspect_ai.model import ModelOutput
    from inspect_ai.scorer import Score

    scores: dict[str, dict[str, Any]] = {}
    for row in material.judgements.to_pylist():
        if row["answerer"] == answerer:
            missing = row["value"] is None
            scores.setdefault(row["prompt_id"], {})[_name(row["objective"], row["judge"])] = Score(
                value="N" if missing else row["value"], explanation=row["missing"]
            )
    samples = []
    for row in material.answers.to_pylist():
        if row["answerer"] != answerer:
            continue
        turns = [_turn(turn) for turn in from_dicts(row["messages"])]
        output = ModelOutput.from_content(answerer, row["text"] or "")
        samples.append(
            EvalSample(
                id=row["prompt_id"],
                epoch=1,
                input=turns,
                target="",
                messages=[*turns, output.message],
                output=output,
                scores=scores.get(row["prompt_id"], {}),
                metadata={"category": row["category"], "missing": row["missing"]},
            )
        )
    return samples


def _turn(turn: Message) -> Any:
    """A turn of the prompt; definitions of tools are said as the system's."""
    from inspect_ai.model import (
        ChatMessageAssistant,
        ChatMessageSystem,
        ChatMessageTool,
        ChatMessageUser,
    )

    kinds = {
        "system": ChatMessageSystem,
        "tools": ChatMessageSystem,
        "user": ChatMessageUser,
        "assistant": ChatMessageAssistant,
        "tool": ChatMessageTool,
    }
    return kinds[turn.role](content=turn.content)


def _name(objective: str, judge: str) -> str:
    return f"{objective} by {judge}"
