"""Preference data over the tiny tokenizer's words, and the arguments tests share."""

import itertools
import random
from pathlib import Path
from typing import Any

from datasets import Dataset

from primum.training import PriorityConfig

WORDS = ["the", "quick", "brown", "fox", "answers", "about", "health", "and", "law", "a"]


def preference_rows(
    prompts: int = 6, responses: int = 4, longest: int = 20, seed: int = 0, by_last: bool = False
) -> list[dict[str, Any]]:
    """All pairs among `responses` scored responses to each prompt, as chat messages.

    Preferred by the first of two objectives, or `by_last`; the other one disagrees.
    """
    draw = random.Random(seed)
    rows = []
    for number in range(prompts):
        asked = f"question {number} " + " ".join(draw.choices(WORDS, k=draw.randint(1, 8)))
        answers = [
            (f"{i} " + " ".join(draw.choices(WORDS, k=draw.randint(1, longest))), draw.random())
            for i in range(responses)
        ]
        for (good, high), (bad, low) in itertools.combinations(sorted(answers, key=_last), 2):
            scores = [9 * high, 4 * low], [9 * low, 4 * high]
            rows.append(
                {
                    "prompt": [{"role": "user", "content": asked}],
                    "chosen": [{"role": "assistant", "content": good}],
                    "rejected": [{"role": "assistant", "content": bad}],
                    "chosen_scores": scores[0][::-1] if by_last else scores[0],
                    "rejected_scores": scores[1][::-1] if by_last else scores[1],
                    "chosen_met": high > 0.5,
                    "rejected_met": low > 0.5,
                }
            )
    return rows


def _last(answer: tuple[str, float]) -> float:
    return -answer[1]


def preferences(**kwargs: Any) -> Dataset:
    """`preference_rows` as a data set."""
    return Dataset.from_list(preference_rows(**kwargs))


def config(folder: Path, **kwargs: Any) -> PriorityConfig:
    """Settings for quick, quiet runs on the CPU."""
    settings: dict[str, Any] = {
        "output_dir": str(folder),
        "use_cpu": True,
        "report_to": "none",
        "disable_tqdm": True,
        "logging_steps": 1,
        "save_strategy": "no",
        "allow_unsafe": ["learning_rate"],
        "learning_rate": 1e-3,
        "lr_scheduler_type": "constant",
        "max_grad_norm": 1.0,
        "watched_responses": 0,
    }
    return PriorityConfig(**settings | kwargs)
