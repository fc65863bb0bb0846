"""Tasks of lm-eval (EleutherAI's evaluation harness), asked through primum's own engines.

So every call is kept and none is made twice, and both models answer just as they did elsewhere: a
task's text is the user's turn, and what it scores or has written is the assistant's.
"""

import importlib.metadata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from primum.engines.base import Engine, GenerateRequest, SamplingParams, ScoreRequest
from primum.engines.extras import how_to_install
from primum.errors import UserError
from primum.evaluation.guards.asking.rows import GuardRow
from primum.messages import Message, Messages, with_system
from primum.progress import Progress

PURPOSE = "ability"

_KINDS = ("multiple_choice", "generate_until")
"""Kinds of tasks that can be asked of a chat model and tell right from wrong."""

_WRITTEN = 256
"""Longest answer in tokens where a task names none: lm-eval's own default for chat models."""

_ENDING = 8
"""Tokens left for what the template writes after an answer. A choice."""


def harness_version(task: str) -> str:
    """The version of lm-eval that is installed.

    Args:
        task: What it is wanted for.

    Raises:
        UserError: If it is not installed.
    """
    try:
        return importlib.metadata.version("lm-eval")
    except importlib.metadata.PackageNotFoundError:
        raise UserError(
            f"gate.guards.ability names {task!r}, which is neither mmlu nor a file of questions "
            f"(.jsonl, .jsonl.gz), and tasks of lm-eval need lm-eval: {how_to_install('eval')}"
        ) from None


def check_task(name: str) -> None:
    """Makes sure that a task is there, with its data, and can be asked.

    Raises:
        UserError: If it is not.
    """
    harness_version(name)
    from lm_eval.tasks import TaskManager

    manager = TaskManager()
    if name not in manager.all_tasks:
        raise UserError(
            f"gate.guards.ability names {name!r}, which lm-eval does not have; `lm-eval ls tasks` "
            "lists its tasks"
        )
    try:
        tasks = manager.load(name)["tasks"]
    except OSError as error:
        raise UserError(
            f"the data of lm-eval's task {name!r} cannot be loaded ({type(error).__name__}); see "
            "whether the hub can be reached, or leave the task out of gate.guards.ability"
        ) from error
    for task in tasks.values():
        if task.OUTPUT_TYPE not in _KINDS:
            raise UserError(
                f"lm-eval's task {name!r} is of the kind {task.OUTPUT_TYPE}, which tells no right "
                f"answers from wrong ones for a chat model; name one of {' or '.join(_KINDS)}"
            )


def harness_rows(
    engines: Mapping[str, Engine],
    task: str,
    most: int | None,
    *,
    guard: str,
    system_prompt: str,
    progress: Progress,
) -> list[GuardRow]:
    """The share of a right answer (mostly 0 or 1), a row per question and answerer.

    Of a task's metrics the first one counts, and of several ways to read an answer the one that
    finds most.

    Args:
        engines: The models by what they are called as answerers.
        task: A task of lm-eval, or a group of tasks.
        most: How many questions at most, of each task the first ones; None for all.
        guard: What the test is called among guards.
        system_prompt: As for the held-out prompts.
        progress: Is told of every call.

    Raises:
        UserError: If the task's first metric is no share.
    """
    from lm_eval.evaluator import simple_evaluate

    rows: list[GuardRow] = []
    for name, engine in engines.items():
        found = simple_evaluate(
            model=_as_model(engine, system_prompt, f"{guard} {name}", progress),
            tasks=[task],
            limit=most,
            bootstrap_iters=0,
            log_samples=True,
        )
        by_item: dict[str, GuardRow] = {}
        for subtask, samples in found["samples"].items():
            for sample in samples:
                row = _row(guard, name, subtask, sample)
                known = by_item.setdefault(row["item_id"], row)
                known["value"] = max(known["value"] or 0.0, row["value"] or 0.0)
        rows += by_item.values()
    return rows


def _row(guard: str, answerer: str, task: str, sample: Mapping[str, Any]) -> GuardRow:
    """A row from what lm-eval keeps of an answer.

    Args:
        guard: What the test is called.
        answerer: Who answered.
        task: The task, one of several where a group was named.
        sample: What lm-eval keeps.
    """
    metric = sample["metrics"][0]
    value = float(sample[metric])
    if not 0 <= value <= 1:
        raise UserError(
            f"lm-eval's task {task!r} measures {metric}, which is no share of right answers "
            f"({value:g}); leave it out of gate.guards.ability"
        )
    arguments, replies = sample["arguments"], [reply[0] for reply in sample["resps"]]
    if isinstance(replies[0], str):
        text = replies[0]
    else:
        text = arguments[int(np.argmax([likelihood for likelihood, _ in replies]))][1].strip()
    return {
        "guard": guard,
        "item_id": f"{task}/{sample['doc_id']}",
        "item": str(arguments[0][0]),
        "answerer": answerer,
        "text": str(text),
        "value": value,
    }


def _as_model(engine: Engine, system_prompt: str, line: str, progress: Progress) -> Any:
    """An engine as lm-eval knows models.

    Args:
        engine: The engine.
        system_prompt: Stands in front of every question.
        line: What the progress line is called.
        progress: Is told of every call.
    """
    from lm_eval.api.model import LM

    def asked(context: str) -> Messages:
        return with_system((Message("user", context),), system_prompt)

    class EngineModel(LM):  # type: ignore[misc]
        def loglikelihood(self, requests: Sequence[Any]) -> list[tuple[float, bool]]:
            whole = [
                (*asked(context), Message("assistant", answer.strip()))
                for context, answer in (request.args for request in requests)
            ]
            found = [-float("inf")] * len(whole)
            wanted = [
                at for at, it in enumerate(whole) if engine.count(it) + _ENDING <= engine.context
            ]
            # No answer of a choice ends its turn here, as in lm-eval itself.
            scored = engine.score([ScoreRequest(whole[at], PURPOSE, cut=True) for at in wanted])
            for at, values in progress.track(scored, line, len(wanted)):
                found[wanted[at]] = float(np.sum(values, dtype=np.float64))
            # Whether an answer is the likeliest one of all matters to kinds that are refused.
            return [(value, False) for value in found]

        def generate_until(self, requests: Sequence[Any]) -> list[str]:
            found = [""] * len(requests)
            wanted: dict[int, GenerateRequest] = {}
            for at, (context, settings) in enumerate(request.args for request in requests):
                messages = asked(context)
                room = engine.context - engine.count(messages)
                if room > 0:
                    wanted[at] = GenerateRequest(messages, _sampling(settings, room), 0, PURPOSE)
            places = list(wanted)
            drawn = engine.generate(list(wanted.values()))
            for at, answer in progress.track(drawn, line, len(places)):
                place = places[at]
                found[place] = _until(answer.text, requests[place].args[1].get("until") or ())
            return found

        def loglikelihood_rolling(self, requests: Sequence[Any]) -> list[float]:
            raise UserError("lm-eval's tasks of perplexity cannot be asked of a chat model")

    return EngineModel()


def _sampling(settings: Mapping[str, Any], room: int) -> SamplingParams:
    """As a task wants it, within the room that is left; greedy unless it says that it samples."""
    temperature = float(settings.get("temperature") or 0) if settings.get("do_sample") else 0.0
    most = int(settings.get("max_gen_toks") or _WRITTEN)
    return SamplingParams(temperature, 1.0, min(most, room))


def _until(text: str, stops: str | Sequence[str]) -> str:
    """The text up to the first of the texts that end it."""
    for stop in [stops] if isinstance(stops, str) else stops:
        if stop:
            text = text.split(stop)[0]
    return text
