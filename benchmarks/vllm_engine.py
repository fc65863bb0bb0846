"""Our vllm engine against bare `LLM.generate`, and our transformers engine against vLLM.

    make bench-vllm        in vLLM's own environment; about 20 minutes on two CPU cores

The sides take turns with one running vLLM. The bare side gets finished token ids and detokenises as
vLLM does; ours starts from messages and ends with text. The transformers engine runs in a process
of the project's own environment, since vLLM's holds an older Transformers, with slower attention.
"""

import argparse
import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

# vLLM would leave one of two cores to its scheduler.
os.environ.setdefault("VLLM_CPU_NUM_OF_RESERVED_CPU", "0")
os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")

from vllm import LLM, TokensPrompt
from vllm import SamplingParams as VllmParams

from figures import figure
from primum.engines.models.reference import resolve
from primum.engines.vllm import pool as vllm_pool
from primum.engines.vllm.engine import VllmEngine
from primum.engines.vllm.host import Host
from primum.recipe.schema import EngineSettings, VllmSettings
from vllm_work import ANSWERS, Work, make_work, part_of

OURS = Path(__file__).parent / "vllm_transformers.py"
Side = Callable[[Work], tuple[int, float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="bundled:smollm2-135m")
    parser.add_argument("--prompts", type=int, default=256, help="against vLLM, 4 answers each")
    parser.add_argument("--parts", type=int, default=2, help="that the sides take turns in")
    parser.add_argument("--longest-answer", type=int, default=48)
    parser.add_argument("--overhead-prompts", type=int, default=24)
    parser.add_argument("--repeats", type=int, default=5, help="of each side, for the overhead")
    parser.add_argument("--batch-size", type=int, default=256, help="of our transformers engine")
    parser.add_argument("--python", default=".venv/bin/python", help="runs our transformers engine")
    parser.add_argument("--memory", type=float, default=0.3)
    given = parser.parse_args()
    settings = EngineSettings(kind="vllm", vllm=VllmSettings(memory=given.memory, max_length=1024))
    engine = VllmEngine.from_name(given.model, settings)
    llm = LLM(
        model=resolve(given.model).base,
        dtype=engine.base.dtype,
        max_model_len=engine.context,
        gpu_memory_utilization=given.memory,
        # vLLM on a CPU cannot read a prompt in parts where requests have seeds.
        enable_chunked_prefill=False,
    )
    # Our engine talks to the same running vLLM as the bare side.
    vllm_pool._running[engine.base] = Host(llm.llm_engine, 0)
    ours, bare = our_side(llm, engine), bare_side(llm, engine)
    work = make_work(given.prompts, given.longest_answer)
    overhead(ours, bare, work[: given.overhead_prompts * ANSWERS], given.repeats)
    against_vllm(given, bare, work)
    engine.close()


def our_side(llm: LLM, engine: VllmEngine) -> Side:
    """Our engine on vLLM."""

    def run(work: Work) -> tuple[int, float]:
        llm.reset_prefix_cache()
        began = time.perf_counter()
        tokens = sum(completion.tokens for _, completion in engine.generate(work))
        return tokens, time.perf_counter() - began

    return run


def bare_side(llm: LLM, engine: VllmEngine) -> Side:
    """What one writes with vLLM alone."""
    stop_ids = engine.chat.stop_ids

    def run(work: Work) -> tuple[int, float]:
        prompts = [TokensPrompt(prompt_token_ids=engine.chat.prompt_ids(r.messages)) for r in work]
        params = [
            VllmParams(
                temperature=r.sampling.temperature,
                max_tokens=r.sampling.max_tokens,
                seed=r.seed,
                stop_token_ids=sorted(stop_ids),
            )
            for r in work
        ]
        llm.reset_prefix_cache()
        began = time.perf_counter()
        outputs = llm.generate(prompts, params, use_tqdm=False)
        seconds = time.perf_counter() - began
        answers = [output.outputs[0].token_ids for output in outputs]
        return sum(len(ids) - (ids[-1] in stop_ids) for ids in answers), seconds

    return run


def overhead(ours: Side, bare: Side, work: Work, repeats: int) -> None:
    """Our time over the bare one, in turns; the first of each warms up."""
    seconds: dict[str, list[float]] = {"ours": [], "bare": []}
    tokens = {}
    sides = {"ours": ours, "bare": bare}
    for turn in range(repeats + 1):
        for name in sorted(sides, reverse=turn % 2 == 1):
            tokens[name], took = sides[name](work)
            seconds[name].append(took)
    mine, theirs = seconds["ours"][1:], seconds["bare"][1:]
    ratios = [a / b for a, b in zip(mine, theirs, strict=True)]
    figure(
        "vllm_overhead",
        round(statistics.median(ratios) - 1, 4),
        "share",
        low=round(min(ratios) - 1, 4),
        high=round(max(ratios) - 1, 4),
        repeats=repeats,
        answers=len(work),
        tokens=[tokens["ours"], tokens["bare"]],
        our_seconds=[round(value, 2) for value in mine],
        bare_seconds=[round(value, 2) for value in theirs],
    )


def against_vllm(given: argparse.Namespace, bare: Side, work: Work) -> None:
    """Tokens per second of our transformers engine over vLLM's, on every part in turns."""
    command = [given.python, str(OURS), given.model]
    command += map(str, (given.prompts, given.longest_answer, given.parts, given.batch_size))
    rates: dict[str, list[float]] = {"transformers": [], "vllm": []}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as ours:
        facts = json.loads(ours.stdout.readline())
        sides = {
            "transformers": lambda at: ask(ours, at),
            "vllm": lambda at: bare(part_of(work, at, given.parts)),
        }
        for at in range(given.parts):
            for name in sorted(sides, reverse=at % 2 == 1):
                tokens, seconds = sides[name](at)
                rates[name].append(tokens / seconds)
        ours.stdin.close()
    for name, found in rates.items():
        figure(
            f"{name}_tokens_per_second",
            round(statistics.mean(found), 1),
            "tokens/s",
            low=round(min(found), 1),
            high=round(max(found), 1),
        )
    ratios = [a / b for a, b in zip(rates["transformers"], rates["vllm"], strict=True)]
    figure(
        "transformers_vs_vllm",
        round(statistics.mean(ratios), 3),
        "ratio",
        low=round(min(ratios), 3),
        high=round(max(ratios), 3),
        parts=given.parts,
        prompts=given.prompts,
        answers=len(work),
        longest_answer=given.longest_answer,
        batch_size=given.batch_size,
        **facts,
    )


def ask(ours: subprocess.Popen[str], part: int) -> tuple[int, float]:
    """Lets our transformers engine do a part; tokens and seconds."""
    ours.stdin.write(f"{part}\n")
    ours.stdin.flush()
    tokens, seconds = json.loads(ours.stdout.readline())
    return tokens, seconds


if __name__ == "__main__":
    main()
