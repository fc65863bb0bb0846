"""Seconds per prompt and peak memory of a whole synthesis as prompts grow, each in a process.

python benchmarks/engines_scaling.py MODEL_FOLDER PROMPTS RESULT_FILE
"""

import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from transformers import AutoModelForCausalLM, AutoTokenizer

from figures import figure
from primum.constitution import load_constitution
from primum.engines.local.engine import TransformersEngine
from primum.engines.models.bundled import bundled_model
from primum.engines.recorded import RecordedEngine
from primum.judging import build_judge
from primum.messages import Message
from primum.progress import Silent
from primum.prompts import Prompt, load_prompts
from primum.recipe import load_recipe
from primum.store import schemas
from primum.store.calls import CallStore
from primum.store.files import table_writer
from primum.synthesis.synthesise import synthesise

TOKENS = 8
SETTINGS = [
    f"sampling.max_tokens={TOKENS}",
    f"refinement.max_tokens={TOKENS}",
    "engine.batch_size=64",
]


def report_scaling(model: str, sizes: list[int], layers: int) -> None:
    """Times every size there and back, but for the largest.

    A part of the model's layers is enough, and leaves the more of the time to everything around
    the model.
    """
    found: dict[int, list[dict[str, float]]] = {size: [] for size in sizes}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        shorten(model, layers, folder)
        measure(folder, 2)  # Fits the probe, which later ones find in the cache beside the model.
        for size in [*sizes, *sizes[-2::-1]]:
            found[size].append(measure(folder, size))
    for size, results in found.items():
        seconds = [result["seconds"] / size for result in results]
        figure(
            f"scaling_seconds_per_prompt_{size}",
            round(statistics.mean(seconds), 4),
            "s",
            low=round(min(seconds), 4),
            high=round(max(seconds), 4),
            peak_mb=round(max(result["peak"] for result in results) / 1e6),
            layers=layers,
            answer_tokens=TOKENS,
        )
    first, last = found[sizes[0]], found[sizes[-1]]
    per_first = [result["seconds"] / sizes[0] for result in first]
    per_last = [result["seconds"] / sizes[-1] for result in last]
    figure(
        "scaling_prompts",
        round(statistics.mean(per_last) / statistics.mean(per_first), 3),
        "ratio",
        low=round(min(per_last) / max(per_first), 3),
        high=round(max(per_last) / min(per_first), 3),
        sizes=sizes,
        memory_ratio=round(
            statistics.mean(r["peak"] for r in last) / statistics.mean(r["peak"] for r in first), 3
        ),
    )


def shorten(model: str, layers: int, folder: Path) -> None:
    """Saves the first layers of the bundled model as a model."""
    source = bundled_model(model)
    whole = AutoModelForCausalLM.from_pretrained(source)
    whole.model.layers = whole.model.layers[:layers]
    whole.config.num_hidden_layers = layers
    whole.save_pretrained(folder)
    AutoTokenizer.from_pretrained(source).save_pretrained(folder)


def measure(folder: Path, size: int) -> dict[str, float]:
    target = folder.parent / "result.json"
    command = [sys.executable, __file__, str(folder), str(size), str(target)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{size} prompts ended with {done.returncode}:\n{done.stderr}")
    return json.loads(target.read_text())


def prompts_of(count: int) -> list[Prompt]:
    """Pairs of seed prompts, as many as wanted, no two alike."""
    draw = random.Random(0)
    seeds = load_prompts("seed", heldout=0.2, seed=0).prompts
    found: dict[str, Prompt] = {}
    while len(found) < count:
        one, other = draw.sample(seeds, 2)
        text = f"{one.messages[-1].content}\n\n{other.messages[-1].content}"
        name = f"{one.prompt_id}-{other.prompt_id}"
        found[name] = Prompt(name, (Message("user", text),), None, "train")
    return list(found.values())


def run(folder: Path, size: int) -> dict[str, float]:
    """One synthesis, with its call store and tables."""
    recipe = load_recipe("quickstart", SETTINGS)
    constitution = load_constitution("harmless-helpful")
    engine = TransformersEngine.from_name(str(folder), batch_size=recipe.engine.batch_size)
    prompts = prompts_of(size)
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch)
        with CallStore(out / "calls.sqlite") as calls:
            recorded = RecordedEngine(engine, calls)
            probes = folder.parent / "probes"
            judge = build_judge(
                recipe.judging, recorded, constitution, cache=probes, progress=Silent()
            )
            began = time.perf_counter()
            made = synthesise(
                recorded,
                judge,
                prompts,
                constitution,
                recipe.sampling,
                recipe.refinement,
                recipe.seed,
                Silent(),
            )
            with (
                table_writer(out / "responses.parquet", schemas.RESPONSES) as put_responses,
                table_writer(out / "scores.parquet", schemas.SCORES) as put_scores,
            ):
                for part in made:
                    put_responses(part.responses)
                    put_scores(part.scores)
            seconds = time.perf_counter() - began
    return {"seconds": seconds, "peak": peak()}


def peak() -> int:
    """Most memory that was ever resident, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    Path(sys.argv[3]).write_text(json.dumps(run(Path(sys.argv[1]), int(sys.argv[2]))))
