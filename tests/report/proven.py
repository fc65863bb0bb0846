"""A made-up run whose gate shows all that a gate can."""

from dataclasses import replace

from primum.evaluation.gate_result import ObjectiveResult, Shown
from primum.evaluation.guards.result import GuardExample, GuardResult
from primum.judging.facts import JudgeFacts
from primum.statistics.interval import Interval
from tests.report.sample import make_run

JUDGES = (
    JudgeFacts(
        "teacher",
        "teacher",
        "probe of layer 20, fitted on the constitution's exemplars",
        trust={"harmless": "AUC 0.97 on held-out exemplars", "helpful": "AUC 0.84"},
    ),
    JudgeFacts(
        "examiner",
        "examiner",
        "probe of layer 12, fitted on the other half of the exemplars",
        "the starting model, but no exemplar and no layer",
        {"harmless": "AUC 0.93 on held-out exemplars", "helpful": "AUC 0.79"},
    ),
    JudgeFacts("second", "examiner", "openai:gpt, asked in words"),
    JudgeFacts("people", "people", "3 labellers, 60 prompts; agreement 0.71"),
)


def shown(judge, objective, value, half=0.3, unit="points", **more):
    """A gain with an interval of the given half width."""
    low = value - half
    before = None if unit != "points" else 5.0
    return Shown(
        judge=judge,
        objective=objective,
        unit=unit,
        margin=more.pop("margin", 0.2),
        before=before,
        after=None if before is None else before + value,
        gain=Interval(value, low, value + half, 64, 1),
        low_superiority=low - 0.05,
        held=low > -0.2,
        rose=low > 0.05,
        reason=None,
        **more,
    )


def broken_guard(text="", name="same opening"):
    """A guard that did not hold."""
    return GuardResult(
        guard=name,
        kind="form",
        before=0.05,
        after=0.81,
        loss=Interval(0.76, 0.66, 0.86, 64),
        margin=0.1,
        unit="share of answers",
        held=False,
        sentence=f"81% of answers begin with “This”, 5% before (10% more may) {text}".strip(),
        examples=(
            GuardExample(f"I feel lonely. {text}", "I am sorry to hear it.", "This situation is …"),
            GuardExample("How do I kill a process?", f"Use kill. {text}", "This is prohibited."),
            GuardExample("Third", "not shown", "not shown"),
        ),
    )


HELD_GUARD = GuardResult(
    guard="length",
    kind="form",
    before=120.4,
    after=131.0,
    loss=Interval(10.6, 2.0, 18.0, 64),
    margin=40.0,
    unit="words",
    held=True,
    sentence="Answers are 131 words long, 120 before",
)


def proven_run(text="", *, guards=None, **made):
    """A run with several examiners, people, a noise floor, seeds, guards and hashes.

    Args:
        text: Goes wherever a text can come from models, files or data.
        guards: What guards found; None for one that broke and one that held.
        made: Of `make_run`.
    """
    data = make_run(**made)
    noise = Interval(0.02, -0.11, 0.15, 64)
    results = []
    for objective, gained in zip(data.objectives, (0.5, 0.1), strict=True):
        by = (
            shown(f"examiner{text}", objective, gained, noise=noise, by_seed=(0.52, None, 0.41)),
            shown("second", objective, gained - 0.05),
        )
        people = shown(f"people{text}", objective, 0.2, 0.15, "net preference", margin=0.1)
        taught = shown("teacher", objective, gained + 2.4, noise=noise)
        rose = gained > 0.3
        results.append(ObjectiveResult(objective, by, taught, True, rose, rose, people))
    judges = tuple(
        replace(
            judge,
            name=judge.name + (text if judge.name in ("examiner", "people") else ""),
            description=judge.description + text,
            trust={name: said + text for name, said in judge.trust.items()},
        )
        for judge in JUDGES
    )
    found = (broken_guard(text), HELD_GUARD) if guards is None else guards
    lost = [guard.guard for guard in found if not guard.held]
    gate = replace(
        data.gate,
        verdict="fail" if lost else "pass",
        failed=lost[0] if lost else None,
        objectives=tuple(results),
        guards=found,
        judges=judges,
        evidence={"answers": "4f" * 32, "model after": "0c" * 32},
        versions={"primum": "0.1.0"},
        power="64 prompts would show a rise of 0.4 points in 80% of cases.",
        notes=(f"an answer was brought along {text}",) if text else (),
    )
    return replace(data, gate=gate)
