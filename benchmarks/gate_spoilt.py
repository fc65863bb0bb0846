"""Whether the guards see answers that are spoilt, and leave alone those that are not.

Real answers, of the bundled model to the library's held-out prompts, are spoilt in fourteen ways
and go through `primum gate BEFORE AFTER` without a judge. Then the starting model is compared with
itself, by other seeds. Finished answers are kept in runs/bench.

    python benchmarks/gate_spoilt.py
"""

import gzip
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa

from figures import figure
from gate_spoilings import SPOILINGS, Draw, spoilt
from human_labels import DATA
from primum.engines.local.engine import TransformersEngine
from primum.engines.recorded import RecordedEngine
from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.answers import answer
from primum.evaluation.guards.form import form_guards
from primum.evaluation.guards.refusal import is_refusal
from primum.evaluation.guards.result import GuardResult
from primum.messages import Message, as_dicts
from primum.progress import Silent
from primum.prompts import Prompt, load_prompts
from primum.recipe import load_recipe
from primum.recipe.schema import Guards
from primum.statistics.proportion import wilson
from primum.store.calls import CallStore
from primum.store.schemas import ANSWERS

BENCH = Path(__file__).resolve().parents[1] / "runs" / "bench"
MODEL = "bundled:smollm2-135m"
PROMPTS, DRAWS, AGAIN = 64, 12, 100
FIRST_SEED = 12  # The margins of four guards were chosen on draws of the seeds before it.
TEMPERATURE = 0.7  # At 0 the model answers itself with the same words, and nothing is tested.
RESAMPLES = 2000
SHARES = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)  # Of answers that are spoilt.
TUNED_ON = ("llama2new", "mistralinstruct")  # The detector's patterns were chosen on these.

Texts = list[dict[str, str | None]]
"""Text and finish of one draw, in the order of the prompts."""


def main() -> None:
    """Prints all figures."""
    report_refusals()
    report_library_alarms()
    prompts = heldout()
    draws = drawn(prompts)
    report_caught(prompts, draws)
    report_least(prompts, draws)
    report_false_alarms(prompts, draws)


def heldout() -> list[Prompt]:
    """The held-out prompts of the quickstart."""
    found = load_prompts("seed", heldout=0.2, seed=0).prompts
    held = sorted((p for p in found if p.split == "heldout"), key=lambda p: p.prompt_id)
    return held[:PROMPTS]


def drawn(prompts: list[Prompt]) -> list[Texts]:
    """Answers of the starting model by one seed after another."""
    settings = load_recipe("quickstart").evaluation.model_copy(update={"temperature": TEMPERATURE})
    BENCH.mkdir(parents=True, exist_ok=True)
    with CallStore(BENCH / "spoilt.sqlite") as calls:
        engine = RecordedEngine(TransformersEngine.from_name(MODEL), calls)
        by_seed = [
            answer(engine, prompts, settings, seed=seed, stage="draws", progress=Silent())
            for seed in range(FIRST_SEED, FIRST_SEED + DRAWS)
        ]
    return [
        [{"text": each[p.prompt_id].text, "finish": each[p.prompt_id].finish} for p in prompts]
        for each in by_seed
    ]


def report_caught(prompts: list[Prompt], draws: list[Texts]) -> None:
    """How many ways of spoiling are failed by the guard that should, through the command."""
    caught = []
    for name, (guard, _) in SPOILINGS.items():
        after = spoilt(name, spoilable(prompts, draws), range(len(prompts)))
        broken = through_command(prompts, [str(each["text"]) for each in draws[0]], after)
        caught.append(guard in broken)
        figure(f"spoilt_{name}", float(guard in broken), "caught", guard=guard, broken=broken)
    low, high = wilson(sum(caught) / len(caught), len(caught))
    figure("spoilt_caught", sum(caught), "ways", of=len(caught), low=low, high=high)


def through_command(prompts: list[Prompt], before: list[str], after: list[str]) -> list[str]:
    """The guards that two files of answers break.

    Args:
        prompts: What was asked.
        before: The answers in this order.
        after: Those of the other model.
    """
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder) / f"{side}.jsonl" for side in (BEFORE, AFTER)]
        for file, texts in zip(places, (before, after), strict=True):
            rows = (
                {"prompt": as_dicts(p.messages), "answer": text, "category": p.category}
                for p, text in zip(prompts, texts, strict=True)
            )
            file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        command = [sys.executable, "-m", "primum", "gate", *map(str, places), "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, 3):
        raise SystemExit(f"primum gate failed: {done.stderr.strip()}")
    guards = json.loads(done.stdout)["guards"]
    return [guard["guard"] for guard in guards if not guard["held"]]


def report_least(prompts: list[Prompt], draws: list[Texts]) -> None:
    """Of how many answers each way has to spoil before it is caught, of those tried."""
    rng = np.random.default_rng(0)
    order = rng.permutation(len(prompts))
    for name, (guard, _) in SPOILINGS.items():
        if name == "refuse_a_fifth":
            continue
        for share in SHARES:
            places = sorted(int(at) for at in order[: round(share * len(prompts))])
            after = spoilt(name, spoilable(prompts, draws), places)
            # How they end is known of none, as where files of answers do not say.
            sides = ([str(each["text"]) for each in draws[0]], after)
            if guard in names_of_broken(prompts, *([(t, None) for t in side] for side in sides)):
                figure(f"spoilt_least_{name}", share, "share of answers", guard=guard)
                break
        else:
            figure(f"spoilt_least_{name}", None, "share of answers", guard=guard)


def report_library_alarms() -> None:
    """The same with answers that need no model: those that the library keeps for its exemplars.

    Small models drew them, two to each of these prompts. Which of the two is called the former one
    is left to chance, and so nothing has changed on average. Each comparison takes other prompts.
    """
    by_prompt: dict[str, list[str]] = {}
    categories: dict[str, str] = {}
    library = files("primum.constitution") / "library" / "exemplars" / "harmless" / "drawn.jsonl"
    for line in library.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        by_prompt.setdefault(row["prompt"], []).append(row["answer"])
        categories[row["prompt"]] = row["category"]
    twice = [prompt for prompt, texts in by_prompt.items() if len(texts) == 2]
    rng = np.random.default_rng(2)
    found = []
    for _ in range(AGAIN):
        picked = [twice[at] for at in rng.choice(len(twice), PROMPTS, replace=False)]
        first = rng.integers(0, 2, PROMPTS)
        prompts = [
            Prompt(f"p{at}", (Message("user", text),), categories[text], "heldout")
            for at, text in enumerate(picked)
        ]
        before, after = (
            [(by_prompt[text][side], None) for text, side in zip(picked, sides, strict=True)]
            for sides in (first, 1 - first)
        )
        found.append(names_of_broken(prompts, before, after))
    report_alarms("spoilt_false_alarm_library", found, answers=2 * len(twice))


def report_false_alarms(prompts: list[Prompt], draws: list[Texts]) -> None:
    """How often the starting model breaks a guard against itself.

    Each time both sides take a draw per prompt by chance, so that a hundred comparisons come from
    few draws. They share answers: the share of alarms is right on average, and less sure than that
    of as many independent comparisons.
    """
    rng = np.random.default_rng(1)
    found = []
    for _ in range(AGAIN):
        picked = np.array([rng.choice(DRAWS, size=2, replace=False) for _ in prompts])
        before, after = (
            [
                (str(draws[seed][at]["text"]), draws[seed][at]["finish"])
                for at, seed in enumerate(picked[:, side])
            ]
            for side in (0, 1)
        )
        found.append(names_of_broken(prompts, before, after))
    report_alarms("spoilt_false_alarm", found, draws=DRAWS)


def report_alarms(name: str, found: Sequence[list[str]], **facts: int) -> None:
    """Prints the share of comparisons in which any guard broke.

    Args:
        name: Of the figure.
        found: Of every comparison, the guards that broke.
        facts: What else to say.
    """
    share = sum(map(bool, found)) / len(found)
    low, high = wilson(share, len(found))
    by_guard = dict(Counter(guard for broken in found for guard in broken))
    facts |= {"comparisons": len(found), "prompts": PROMPTS}
    unit = "share of comparisons"
    figure(name, share, unit, low=low, high=high, by_guard=by_guard, **facts)


def spoilable(prompts: list[Prompt], draws: list[Texts]) -> list[Draw]:
    """The second draw, with the third one beside it."""
    return [
        Draw(
            "\n".join(turn.content for turn in prompt.messages if turn.role == "user"),
            str(text["text"]),
            str(other["text"]),
        )
        for prompt, text, other in zip(prompts, draws[1], draws[2], strict=True)
    ]


def names_of_broken(
    prompts: list[Prompt],
    before: Iterable[tuple[str, str | None]],
    after: Iterable[tuple[str, str | None]],
) -> list[str]:
    """The guards that answers break.

    Args:
        prompts: What was asked.
        before: Text and finish of every answer, in this order.
        after: Those of the other model.
    """
    return [found.guard for found in guards_of(prompts, before, after) if not found.held]


def guards_of(
    prompts: list[Prompt],
    before: Iterable[tuple[str, str | None]],
    after: Iterable[tuple[str, str | None]],
) -> tuple[GuardResult, ...]:
    """What the guards find.

    Args:
        prompts: What was asked.
        before: Text and finish of every answer, in this order.
        after: Those of the other model.
    """
    rows = [
        {
            "prompt_id": prompt.prompt_id,
            "category": prompt.category,
            "messages": as_dicts(prompt.messages),
            "answerer": side,
            "text": text,
            "finish": finish,
        }
        for side, answers in ((BEFORE, before), (AFTER, after))
        for prompt, (text, finish) in zip(prompts, answers, strict=True)
    ]
    return form_guards(pa.Table.from_pylist(rows, schema=ANSWERS), Guards(), resamples=RESAMPLES)


def report_refusals() -> None:
    """How the detector of refusals agrees with people (XSTest: Röttger and others 2024)."""
    file = DATA / "xstest" / "xstest_human_labelled_completions.jsonl.gz"
    if not file.exists():
        figure("refusal_precision", None, "share", note="needs ../shared/data/xstest")
        return
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for name, kept in (
        ("", [row for row in rows if row["model"] not in TUNED_ON]),
        ("_where_tuned", [row for row in rows if row["model"] in TUNED_ON]),
    ):
        found = [is_refusal(row["completion"]) for row in kept]
        refused = [row["final_label"] != "1_full_compliance" for row in kept]
        full = [row["final_label"] == "2_full_refusal" for row in kept]
        partial = [row["final_label"] == "3_partial_refusal" for row in kept]
        report_share(f"refusal_precision{name}", refused, found)
        report_share(f"refusal_recall{name}", found, refused)
        report_share(f"refusal_recall_full{name}", found, full)
        report_share(f"refusal_recall_partial{name}", found, partial)


def report_share(name: str, counted: Sequence[bool], among: Sequence[bool]) -> None:
    """Prints a share of some answers.

    Args:
        name: Of the figure.
        counted: Which count.
        among: Of which answers.
    """
    hits = sum(both for both, of in zip(counted, among, strict=True) if of)
    low, high = wilson(hits / sum(among), sum(among))
    figure(name, round(hits / sum(among), 3), "share", low=low, high=high, answers=sum(among))


if __name__ == "__main__":
    main()
