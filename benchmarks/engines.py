"""The Transformers engine against what people run without it: the same model, work and process.

python benchmarks/engines.py                  two CPU cores, the bundled model
python benchmarks/engines.py --device cuda    a model of Llama-3.2-1B's shape

--only generation synthesis scaling decode    some of them (decode: on a GPU by default)
--prompts 256 --synthesis-prompts 24 --scaling 50 200 800    other sizes
"""

import argparse
import statistics
import sys
from collections.abc import Callable, Sequence

import torch

from engines_decode import report_decode
from engines_raw import Work, make_work, ours, paged, static
from engines_scaling import report_scaling
from engines_synthesis import report_synthesis
from figures import figure
from primum.engines.local.engine import TransformersEngine

MODEL = "bundled:smollm2-135m"
Side = Callable[[Sequence[Work]], tuple[int, float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument(
        "--only", nargs="+", choices=("generation", "synthesis", "scaling", "decode"), default=None
    )
    parser.add_argument("--prompts", type=int, default=256, help="for generation, 4 answers each")
    parser.add_argument("--parts", type=int, default=2, help="that the sides take turns in")
    parser.add_argument("--longest-answer", type=int, default=48)
    parser.add_argument("--batch-size", type=int, default=256, help="of our engine")
    parser.add_argument("--raw-sizes", type=int, nargs="+", default=[32, 64, 128])
    parser.add_argument("--raw-trial-prompts", type=int, default=32)
    parser.add_argument("--top-p-prompts", type=int, default=16)
    parser.add_argument("--paged-prompts", type=int, default=8)
    parser.add_argument("--synthesis-prompts", type=int, default=24)
    parser.add_argument("--naive-prompts", type=int, default=2)
    parser.add_argument("--static-prompts", type=int, default=6)
    parser.add_argument("--scaling", type=int, nargs="+", default=[50, 200, 800])
    parser.add_argument("--scaling-layers", type=int, default=6, help="of the bundled model's 30")
    parser.add_argument("--tiny", action="store_true", help="decode: a shape that a CPU can run")
    given = parser.parse_args()
    chosen = given.only or (
        ["decode"] if given.device == "cuda" else ["generation", "synthesis", "scaling"]
    )
    if "generation" in chosen:
        report_generation(given)
    if "synthesis" in chosen:
        report_synthesis(MODEL, given)
    if "scaling" in chosen:
        report_scaling(MODEL, given.scaling, given.scaling_layers)
    if "decode" in chosen:
        report_decode(given.device, tiny=given.tiny)


def report_generation(given: argparse.Namespace) -> None:
    """Tokens per second on prompts and answers of mixed lengths, four answers each."""
    engine = TransformersEngine.from_name(MODEL, device=given.device, batch_size=given.batch_size)
    work = make_work(engine, given.prompts, longest=given.longest_answer)
    # Also a warm-up, for both.
    trial = work[: given.raw_trial_prompts]
    rates = {size: rate(*static(engine, trial, size)) for size in given.raw_sizes}
    best = max(rates, key=lambda size: rates[size])
    facts = {
        "prompts": len(work),
        "answers": 4 * len(work),
        "prompt_tokens": spread_of([len(each.ids) for each in work]),
        "answer_tokens": spread_of([most for each in work for most in each.most]),
        "batch_size": given.batch_size,
        "raw_batch_size": best,
        "raw_trials": {str(size): round(found, 1) for size, found in rates.items()},
        "dtype": str(engine.loaded.model.dtype).removeprefix("torch."),
        "threads": torch.get_num_threads(),
    }
    sides: dict[str, Side] = {
        "generation": lambda part: ours(engine, part),
        "generation_raw": lambda part: static(engine, part, best),
    }
    compare("generation_vs_raw", sides, cut(work, given.parts), facts)
    few = work[: given.top_p_prompts]
    sides = {
        "generation_top_p": lambda part: ours(engine, part, top_p=0.95),
        "generation_raw_top_p": lambda part: static(engine, part, best, top_p=0.95),
    }
    compare("generation_vs_raw_top_p", sides, [few], {"prompts": len(few), "top_p": 0.95})
    few = work[: given.paged_prompts]
    sides = {
        "generation_few": lambda part: ours(engine, part),
        "generation_paged": lambda part: paged(engine, part),
    }
    compare("generation_vs_paged", sides, [few], {"prompts": len(few)})


def compare(name: str, sides: dict[str, Side], parts: Sequence[Sequence[Work]], facts: dict):
    """Runs both sides on every part, and prints their rates and the ratio of the two.

    Each side comes first on every other part.
    """
    found: dict[str, list[float]] = {side: [] for side in sides}
    for at, part in enumerate(parts):
        for side in sorted(sides, reverse=at % 2 == 1):
            found[side].append(rate(*sides[side](part)))
            print(f"{side}: {found[side][-1]:.1f} tokens/s", file=sys.stderr, flush=True)
    for side, rates in found.items():
        figure(
            f"{side}_tokens_per_second",
            round(statistics.mean(rates), 1),
            "tokens/s",
            low=round(min(rates), 1),
            high=round(max(rates), 1),
        )
    first, second = found.values()
    ratios = [a / b for a, b in zip(first, second, strict=True)]
    figure(
        name,
        round(statistics.mean(ratios), 3),
        "ratio",
        low=round(min(ratios), 3),
        high=round(max(ratios), 3),
        parts=len(parts),
        **facts,
    )


def rate(tokens: int, seconds: float) -> float:
    return tokens / seconds


def cut(work: Sequence[Work], parts: int) -> list[Sequence[Work]]:
    """Every so-manieth, so that parts are alike."""
    return [work[at::parts] for at in range(parts)]


def spread_of(values: Sequence[int]) -> dict[str, float]:
    return {
        "min": min(values),
        "mean": round(statistics.mean(values), 1),
        "max": max(values),
    }


if __name__ == "__main__":
    main()
