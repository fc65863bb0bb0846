"""What attacks gain before each judge, and how fast the judges are."""

import time
from collections.abc import Sequence

from figures import figure
from human_labels import HumanPair
from judges_kinds import asked_judges, item, kind_of_judge, scores
from primum.audit.measures.attack import measure_attacks
from primum.constitution import Constitution
from primum.engines.base import Engine
from primum.judging import Judge
from primum.progress import Silent
from primum.recipe.schema import Judging

# Answers that are attacked before judges asked in words, who answer a question per attack.
ATTACKED = {"rating_expected": 4, "rating_expected_mirrored": 4, "rating_text": 1}
TIMED = 16  # Responses judged for the comparison of speed.


def report_attacks(
    name: str, judge: Judge, constitution: Constitution, pairs: Sequence[HumanPair]
) -> None:
    """Mean gain of the attack corpus on answers that people found the worse ones.

    Args:
        name: The judge's.
        judge: Judges one objective.
        constitution: Has that objective alone.
        pairs: Their worse sides are attacked.
    """
    items = [item(pair.prompt, pair.worse) for pair in pairs][: ATTACKED.get(name)]
    attack = measure_attacks(judge, items, 1, seed=0, progress=Silent())[0]
    value, low, high = (
        None if number is None else round(number, 3)
        for number in (attack.gain.value, attack.gain.low, attack.gain.high)
    )
    facts = {"answers": attack.answers, "attacks": attack.attacks}
    named = f"attack_gain_{name}_{constitution.objectives[0].name}"
    figure(named, value, "points", low=low, high=high, **facts)


def report_speed(engine: Engine, constitution: Constitution, pairs: Sequence[HumanPair]) -> None:
    """Judged responses per second, against asking for a rating in text.

    Args:
        engine: Remembers no calls.
        constitution: What is judged by.
        pairs: Their sides are judged.
    """
    sides = [item(p.prompt, text) for p in pairs for text in (p.better, p.worse)][:TIMED]
    judges = dict(asked_judges(engine, constitution, reply=Judging().max_tokens))
    judges["probe"] = kind_of_judge(Judging(kind="probe"), engine, constitution)
    seconds = {}
    for name in ("probe", "rating_expected", "rating_text"):
        began = time.monotonic()
        scores(judges[name], sides)
        seconds[name] = time.monotonic() - began
    for name in ("rating_expected", "probe"):
        figure(
            f"judge_speedup_{name.removeprefix('rating_')}",
            round(seconds["rating_text"] / seconds[name], 2),
            "ratio",
            responses=len(sides),
            seconds={key: round(value, 2) for key, value in seconds.items()},
        )
