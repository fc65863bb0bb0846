"""The synthesis of the quickstart, against the pipeline that one writes with `generate` alone.

That pipeline loads the model in every step, and judges by a rating that the model writes; once with
a call of `generate` for every answer, once with a call for a batch of them. Both sides draw as many
candidates and refinements of the same length, and judge them on the same two objectives.
"""

import argparse
import collections
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from platformdirs import user_cache_path
from transformers import AutoModelForCausalLM, AutoTokenizer

from figures import figure
from primum.constitution import Constitution, load_constitution
from primum.engines.local.engine import TransformersEngine
from primum.engines.models.bundled import bundled_model
from primum.engines.models.devices import choose_dtype
from primum.engines.recorded import RecordedEngine
from primum.judging import Item, build_judge
from primum.judging.asking.question import NUMBER_ALONE, rating_messages
from primum.messages import Messages, as_dicts, with_system
from primum.progress import Silent
from primum.prompts import Prompt, load_prompts
from primum.recipe import load_recipe
from primum.recipe.schema import Recipe
from primum.store.calls import CallStore
from primum.synthesis.refine import refinement_messages
from primum.synthesis.responses import Response
from primum.synthesis.synthesise import synthesise

RUN = 56  # The quickstart's prompts, over which loading the model is spread.
RATING_TOKENS = 16
STEPS = 4  # Sample, judge, refine, judge.


@dataclass(frozen=True)
class Setting:
    """What both sides work with."""

    model: str
    recipe: Recipe
    constitution: Constitution


def report_synthesis(model: str, given: argparse.Namespace) -> None:
    """Seconds per prompt of each side, and their ratios, in two turns."""
    setting = Setting(model, load_recipe("quickstart"), load_constitution("harmless-helpful"))
    prompts = load_prompts("seed", heldout=0.2, seed=0).prompts
    sizes = {
        "synthesis": given.synthesis_prompts,
        "synthesis_naive": given.naive_prompts,
        "synthesis_static": given.static_prompts,
    }
    sides: dict[str, Callable[[Sequence[Prompt]], float]] = {
        "synthesis": lambda part: our_seconds(setting, part),
        "synthesis_naive": lambda part: naive_seconds(setting, part, batch=1),
        "synthesis_static": lambda part: naive_seconds(setting, part, batch=32),
    }
    our_seconds(setting, prompts[:1])  # Fits the probe, unless an earlier run has.
    found: dict[str, list[float]] = {side: [] for side in sides}
    for turn in range(2):
        for side in sorted(sides, reverse=turn == 1):
            part = prompts[turn * sizes[side] : (turn + 1) * sizes[side]]
            found[side].append(sides[side](part))
    for side, seconds in found.items():
        figure(
            f"{side}_seconds_per_prompt",
            round(statistics.mean(seconds), 2),
            "s",
            low=round(min(seconds), 2),
            high=round(max(seconds), 2),
            prompts=2 * sizes[side],
        )
    report_ratio("synthesis_vs_naive", found["synthesis_naive"], found["synthesis"])
    report_ratio("synthesis_vs_static", found["synthesis_static"], found["synthesis"])


def report_ratio(name: str, theirs: Sequence[float], ours: Sequence[float]) -> None:
    ratios = [a / b for a, b in zip(theirs, ours, strict=True)]
    figure(
        name,
        round(statistics.mean(theirs) / statistics.mean(ours), 2),
        "ratio",
        low=round(min(ratios), 2),
        high=round(max(ratios), 2),
        threads=torch.get_num_threads(),
        rating_tokens=RATING_TOKENS,
    )


def our_seconds(setting: Setting, prompts: Sequence[Prompt]) -> float:
    """Seconds per prompt, with loading spread over a whole run."""
    began = time.perf_counter()
    batch_size = setting.recipe.engine.batch_size
    engine = TransformersEngine.from_name(setting.model, batch_size=batch_size)
    loading = time.perf_counter() - began
    with tempfile.TemporaryDirectory() as folder, CallStore(Path(folder) / "calls.sqlite") as calls:
        recorded = RecordedEngine(engine, calls)
        judge = build_judge(
            setting.recipe.judging,
            recorded,
            setting.constitution,
            cache=user_cache_path("primum") / "probes",
            progress=Silent(),
        )
        began = time.perf_counter()
        made = synthesise(
            recorded,
            judge,
            prompts,
            setting.constitution,
            setting.recipe.sampling,
            setting.recipe.refinement,
            setting.recipe.seed,
            Silent(),
        )
        collections.deque(made, maxlen=0)
        return (time.perf_counter() - began) / len(prompts) + loading / RUN


def naive_seconds(setting: Setting, prompts: Sequence[Prompt], *, batch: int) -> float:
    """The same for the pipeline of `generate` calls."""
    writer = Writer(setting.model, batch)
    recipe = setting.recipe
    systems, many = recipe.sampling.system_prompts, recipe.sampling.n
    began = time.perf_counter()
    writer.load()
    asked = [
        with_system(prompt.messages, systems[k % len(systems)])
        for prompt in prompts
        for k in range(many)
    ]
    texts = writer.write(asked, recipe.sampling.max_tokens, recipe.sampling.temperature)
    writer.load()
    by_prompt = [texts[at * many : (at + 1) * many] for at in range(len(prompts))]
    ratings = judge(writer, setting, prompts, by_prompt)
    writer.load()
    asked = [
        refinement(setting, prompt, answers, scores)
        for prompt, answers, scores in zip(prompts, by_prompt, ratings, strict=True)
    ]
    better = writer.write(asked, recipe.refinement.max_tokens, recipe.refinement.temperature)
    writer.load()
    judge(writer, setting, prompts, [[text] for text in better])
    seconds = time.perf_counter() - began - writer.loading
    return seconds / len(prompts) + writer.loading / RUN


class Writer:
    """A model, loaded anew for every step, and `generate`."""

    def __init__(self, model: str, batch: int) -> None:
        self.folder, self.batch, self.loading = bundled_model(model), batch, 0.0

    def load(self) -> None:
        began = time.perf_counter()
        dtype = choose_dtype("auto", torch.device("cpu"))
        self.tokenizer = AutoTokenizer.from_pretrained(self.folder, padding_side="left")
        self.model = AutoModelForCausalLM.from_pretrained(self.folder, dtype=dtype).eval()
        self.loading += time.perf_counter() - began

    def write(self, asked: Sequence[Messages], most: int, temperature: float) -> list[str]:
        texts: list[str] = []
        for at in range(0, len(asked), self.batch):
            inputs = self.tokenizer.apply_chat_template(
                [as_dicts(messages) for messages in asked[at : at + self.batch]],
                add_generation_prompt=True,
                padding=True,
                return_tensors="pt",
                return_dict=True,
            )
            drawn = {"temperature": temperature, "top_p": 0.95} if temperature else {}
            found = self.model.generate(
                **inputs,
                do_sample=bool(temperature),
                **drawn,
                max_new_tokens=most,
                pad_token_id=self.tokenizer.pad_token_id,
            )
            answers = found[:, inputs["input_ids"].shape[1] :]
            texts += self.tokenizer.batch_decode(answers, skip_special_tokens=True)
        return texts


def judge(
    writer: Writer,
    setting: Setting,
    prompts: Sequence[Prompt],
    answers: Sequence[Sequence[str]],
) -> list[list[tuple[float, ...]]]:
    """Ratings by prompt, answer and objective, as written; 5.5 stands for what cannot be read."""
    objectives = len(setting.constitution.objectives)
    asked = [
        rating_messages(
            Item(messages_of(prompt), text), setting.constitution, k, reply=NUMBER_ALONE
        )
        for prompt, texts in zip(prompts, answers, strict=True)
        for text in texts
        for k in range(objectives)
    ]
    numbers = iter([rating(text) for text in writer.write(asked, RATING_TOKENS, 0.0)])
    return [[tuple(next(numbers) for _ in range(objectives)) for _ in texts] for texts in answers]


def rating(text: str) -> float:
    digits = "".join(part for part in text[:4] if part.isdigit())
    return float(digits) if digits else 5.5


def refinement(
    setting: Setting,
    prompt: Prompt,
    answers: Sequence[str],
    scores: Sequence[tuple[float, ...]],
) -> Messages:
    responses = [
        Response(str(at), prompt.prompt_id, "candidate", at, "", text, 0, "stop", 0)
        for at, text in enumerate(answers)
    ]
    by_id = {str(at): values for at, values in enumerate(scores)}
    return refinement_messages(prompt, responses, by_id, setting.constitution, principles=False)


def messages_of(prompt: Prompt) -> Messages:
    return prompt.messages
