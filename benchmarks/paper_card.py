"""How fast a card reads, writes and trains a model of the paper's shape, with random weights.

Speed depends on a model's shape, not on what its weights say, so that no download is needed. What
is measured is what `primum align … --dry-run` measures: reading and writing by the engine, side by
side as in the run, and whole steps of the trainer. All weights of the whole model take more memory
to train than one card of 80 GiB has, so that steps are measured on its first layers.

- `card_read`, `card_trained`: tokens a second; `card_read_mfu`, `card_trained_mfu`: the same as a
  share of what the card can reckon.
- `card_step`: seconds for one token of each of the sequences side by side.

Each is the median of some repetitions, with the lowest and the highest; of training the fastest
step counts. With these, `paper_cost.py` gives hours: `--mfu`, `--training-mfu`, `--step`.

    python benchmarks/paper_card.py [--model llama-3.1-8b] [--layers 32] [--trained-layers 12]
        [--tokenizer FOLDER] [--peak 989]

Needs a card with CUDA, and the size of the model on the disk, where TMPDIR points. Minutes.
"""

import argparse
import random
import statistics
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from figures import figure
from paper_cost import BATCH, MODELS, PEAK
from primum.engines.base import GenerateRequest, SamplingParams
from primum.engines.local.engine import TransformersEngine
from primum.engines.models.bundled import bundled_model
from primum.engines.models.devices import choose_device
from primum.forecast.calibrate import writing_speed
from primum.messages import Message
from primum.recipe import load_recipe
from primum.training.timing import made_up_pairs, seconds_per_token

PROMPT = 760
"""Words of a prompt, a token each: what a call of the paper's run reads on average
(`paper_cost.py`)."""
ANSWER = 300
RESPONSES = 5
STEPS = 3
REPEATS = 5
WORDS = ("the", "of", "and", "to", "in", "is", "that", "for", "it", "was", "on", "with", "as")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=MODELS, default="llama-3.1-8b")
    parser.add_argument("--layers", type=int, default=32)
    parser.add_argument("--trained-layers", type=int, default=12)
    parser.add_argument("--tokenizer", help="a model's folder; the bundled model's else")
    parser.add_argument("--peak", type=float, default=PEAK / 1e12, help="TFLOP/s in bfloat16")
    given = parser.parse_args()
    tokenizer = given.tokenizer or str(bundled_model("bundled:smollm2-135m"))
    peak = given.peak * 1e12
    place = choose_device("auto")
    card = torch.cuda.get_device_name(place) if place.type == "cuda" else place.type
    facts = {"model": given.model, "card": card}
    with TemporaryDirectory() as folder:
        size = make_model(Path(folder), given.model, given.layers, tokenizer, place)
        read, steps = zip(*reading_and_writing(folder), strict=True)
        whole = facts | {"layers": given.layers}
        spread("card_read", read, "tokens/s", **whole)
        spread("card_read_mfu", [2 * size * rate / peak for rate in read], "share", **whole)
        spread("card_step", steps, "s", side_by_side=BATCH, **whole)
    with TemporaryDirectory() as folder:
        size = make_model(Path(folder), given.model, given.trained_layers, tokenizer, place)
        trained = training(folder, given.model)
        part = facts | {"layers": given.trained_layers}
        figure("card_trained", trained, "tokens/s", **part)
        figure("card_trained_mfu", 8 * size * trained / peak, "share", **part)


def spread(name: str, values: Sequence[float], unit: str, **facts: object) -> None:
    """Prints the median of several measurements, and between what they lie."""
    figure(name, statistics.median(values), unit, low=min(values), high=max(values), **facts)


def make_model(folder: Path, name: str, layers: int, tokenizer: str, place: torch.device) -> int:
    """Writes a model with random weights.

    Args:
        folder: Where it goes.
        name: Whose shape it has.
        layers: How many of its layers.
        tokenizer: The folder of a model whose tokenizer it gets.
        place: Where its weights are drawn.

    Returns:
        Its parameters.
    """
    tokens = AutoTokenizer.from_pretrained(tokenizer)
    tokens.save_pretrained(folder)
    config = type(MODELS[name])(
        **{
            **MODELS[name].to_dict(),
            "num_hidden_layers": layers,
            "bos_token_id": tokens.bos_token_id,
            "eos_token_id": tokens.eos_token_id,
            "pad_token_id": tokens.pad_token_id,
        }
    )
    with place:
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    model.save_pretrained(folder)
    return int(model.num_parameters())


def reading_and_writing(folder: str) -> list[tuple[float, float]]:
    """Measures the engine several times.

    Args:
        folder: The model's.

    Returns:
        Tokens read a second, and seconds for a token of each sequence.
    """
    engine = TransformersEngine.from_name(folder, dtype="bfloat16", batch_size=BATCH)
    params = SamplingParams(1.0, 1.0, ANSWER)
    found = []
    for repeat in range(REPEATS):
        requests = [
            GenerateRequest((Message("user", text),), params, at, "calibrate")
            for at, text in enumerate(texts(BATCH, PROMPT, seed=repeat))
        ]
        speed = writing_speed(engine, requests, engine.count, BATCH)
        found.append((1 / speed.prompt, speed.answer * BATCH))
    return found


def training(folder: str, name: str) -> float:
    """Tokens a second of the trainer's fastest step, with the paper's settings, all weights.

    Args:
        folder: The model's.
        name: Whose settings.
    """
    recipe = load_recipe(f"paper/{name}", ("engine.dtype=bfloat16",))
    prompts = texts(STEPS * recipe.training.prompts_per_step, PROMPT // 4, seed=0)
    pairs = made_up_pairs([(Message("user", prompt),) for prompt in prompts], RESPONSES, ANSWER)
    return 1 / seconds_per_token(pairs, folder, recipe.training, recipe.engine)


def texts(count: int, words: int, *, seed: int) -> Sequence[str]:
    """Texts that have nothing in common but their words.

    Args:
        count: How many.
        words: How long they are.
        seed: Of what they say.
    """
    draw = random.Random(seed)
    return [" ".join(draw.choices(WORDS, k=words)) for _ in range(count)]


if __name__ == "__main__":
    main()
