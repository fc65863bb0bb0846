"""What the paper's runs would cost on an H100: tokens counted, hours reckoned, nothing measured.

The run's own code goes through all stages with stand-ins in the models' places, as in `primum
align --dry-run`. Texts are counted by the bundled model's tokenizer, since the models' own are not
here, so both models have the same tokens: those of a run with answers of the length assumed. The
models' shapes are written down here. Hours follow from the rates assumed below, which are choices;
put in your own: `paper_card.py` measures them on a card, `primum align … --dry-run` a whole run.

    python benchmarks/paper_cost.py [--answer 300] [--reply 40] [--mfu 0.4] [--training-mfu 0.4]
        [--step 0.03] [--tables]

Needs ../shared/data for the prompts. `--tables` prints the tables of docs/paper.md in the lines'
place. Minutes on a core that is free.
"""

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from transformers import AutoModelForCausalLM, LlamaConfig, MistralConfig, PretrainedConfig

from figures import figure
from human_labels import DATA, require_data
from primum.constitution import load_constitution
from primum.engines.base import Engine, GenerateRequest
from primum.engines.delegating import DelegatingEngine
from primum.engines.models.loading import load_chat
from primum.engines.models.shape import cached_numbers_per_token
from primum.engines.openai import SERVED
from primum.forecast.paper import PaperEngine
from primum.forecast.rehearsal import RealModels, rehearse
from primum.forecast.resources import Shape, training_memory
from primum.forecast.standin import JUDGE, Asked
from primum.forecast.training import training_forecast
from primum.prompts import NamedPrompts
from primum.run.inputs import Inputs, prepare_inputs

COUNTED_BY = "bundled:smollm2-135m"
JUDGED = "judging/as-published+judging/gpt-4o"
CONSTITUTIONS = {
    "safe-rlhf": "harmless-helpful",
    "wildguard": "harmless-helpful",
    "honeset": "honest-helpful",
}
MODELS: dict[str, PretrainedConfig] = {
    "llama-3.1-8b": LlamaConfig(
        vocab_size=128256,
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        max_position_embeddings=131072,
    ),
    "mistral-7b": MistralConfig(
        vocab_size=32000,
        hidden_size=4096,
        intermediate_size=14336,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=8,
        max_position_embeddings=32768,
        sliding_window=None,
    ),
}
"""As in their `config.json`; the second is v0.2."""

PARTS = ("synthesis", "training", "side", "trial")

PEAK = 989e12
"""Dense bfloat16 operations a second of an H100 SXM (NVIDIA's data sheet)."""
BANDWIDTH = 3.35e12
"""Bytes a second from its memory (the same)."""
BATCH = 64
"""Sequences side by side: the default of `engine.batch_size`."""


@dataclass(frozen=True)
class Rates:
    """What the card is taken to do; all are choices.

    Attributes:
        mfu: Share of the peak that reading reaches. 0.4 is usual for well-filled batches of models
            of this size.
        training_mfu: The same of training.
        bandwidth: Share of the memory's bandwidth that writing reaches.
        step: Least seconds for one token of every sequence: what Transformers takes to start the
            kernels of 32 layers from Python.
    """

    mfu: float
    training_mfu: float
    bandwidth: float
    step: float

    def reading(self, shape: Shape) -> float:
        """Tokens a second: two operations for each number and token."""
        return PEAK * self.mfu / (2 * shape.parameters)

    def writing(self, shape: Shape, length: int) -> float:
        """Tokens a second: each step reads all weights, and the cache of every sequence.

        Args:
            shape: The model's.
            length: Tokens of a prompt with half of its answer.
        """
        moved = 2 * (shape.parameters + BATCH * length * shape.cached)
        return BATCH / max(self.step, moved / (BANDWIDTH * self.bandwidth))

    def training(self, shape: Shape) -> float:
        """Tokens a second: six operations for each number, and two for activations made again."""
        return PEAK * self.training_mfu / (8 * shape.parameters)


@dataclass(frozen=True)
class Work:
    """Tokens of a part of a run."""

    calls: int = 0
    read: int = 0
    written: int = 0
    trained: int = 0
    served_calls: int = 0
    served_read: int = 0
    served_written: int = 0

    def __add__(self, other: "Work") -> "Work":
        return Work(*(a + b for a, b in zip(self.all, other.all, strict=True)))

    def __mul__(self, times: float) -> "Work":
        return Work(*(round(times * value) for value in self.all))

    @property
    def all(self) -> tuple[int, ...]:
        """Every number, in order."""
        return tuple(getattr(self, name) for name in self.__dataclass_fields__)

    def hours(self, shape: Shape, rates: Rates) -> float:
        """Hours on the card; calls to a server cost it none."""
        length = (self.read + self.written // 2) // max(self.calls, 1)
        seconds = (
            self.read / rates.reading(shape)
            + self.written / rates.writing(shape, length)
            + self.trained / rates.training(shape)
        )
        return seconds / 3600


@dataclass(frozen=True)
class Parts:
    """The parts that runs of one model on one set are put together from.

    Attributes:
        prompts: How many are trained on, before the filters, and how many held out.
        synthesis: Samples, refinements and the teacher's judgements: once for all methods that
            share them.
        training: One model.
        side: Answers of one model to the held-out prompts, and all judgements of them.
        trial: Judges on the constitution's exemplars, which says how far to trust them: once.
    """

    prompts: tuple[int, int]
    synthesis: Work
    training: Work
    side: Work
    trial: Work


@dataclass(frozen=True)
class Command:
    """A command of docs/paper.md, by its parts.

    Attributes:
        name: The table or figure that it makes.
        model: One of `MODELS`.
        data: One of `CONSTITUTIONS`.
        syntheses: How often prompts are sampled and judged.
        trainings: How many models are trained.
        sides: How many models answer and are judged.
    """

    name: str
    model: str
    data: str
    syntheses: int
    trainings: int
    sides: int


def commands() -> Iterable[Command]:
    """Every command of docs/paper.md that takes a card."""
    for model in MODELS:
        for data in CONSTITUTIONS:
            # SFT, DPO, SimPO and SPA on the same pairs; they and the starting model answer.
            yield Command("main results", model, data, 1, 4, 5)
    # Self-Criticism judges otherwise, and so samples and judges once more. Two models make four
    # soups.
    yield Command("baselines", "llama-3.1-8b", "safe-rlhf", 2, 4, 7)
    # Two rounds, each from its own samples and model, on the same prompts and on new ones, whose
    # first rounds are one; and a third round.
    yield Command("iterations", "llama-3.1-8b", "wildguard", 4, 4, 5)
    for model in MODELS:
        yield Command("ablation", model, "safe-rlhf", 1, 4, 5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answer", type=int, default=300, help="tokens of an answer")
    parser.add_argument("--reply", type=int, default=40, help="tokens of a judge's reply")
    parser.add_argument("--mfu", type=float, default=0.4, help="of reading")
    parser.add_argument("--training-mfu", type=float, default=0.4)
    parser.add_argument("--bandwidth", type=float, default=0.5)
    parser.add_argument("--step", type=float, default=0.03, help="least seconds for a step")
    parser.add_argument("--tables", action="store_true", help="print Markdown")
    given = parser.parse_args()
    require_data()
    rates = Rates(given.mfu, given.training_mfu, given.bandwidth, given.step)
    lengths = partial(answer_tokens, answer=given.answer, reply=given.reply)
    shapes = {name: shape_of(config) for name, config in MODELS.items()}
    inputs = {data: inputs_of(data) for data in CONSTITUTIONS}
    parts = {data: parts_of(found, lengths, given.answer) for data, found in inputs.items()}
    needs = {name: memory_of(inputs["safe-rlhf"], shape) for name, shape in shapes.items()}
    if given.tables:
        print("\n".join(markdown(parts, shapes, needs, rates)))
        return
    for model in MODELS:
        for data, found in parts.items():
            for part in PARTS:
                told(f"paper_{part}", getattr(found, part), shapes[model], rates, model, data)
    for command in commands():
        work = work_of(command, parts[command.data])
        name = f"paper_{command.name.replace(' ', '_')}"
        told(name, work, shapes[command.model], rates, command.model, command.data)
    for model, need in needs.items():
        for optimizer, size in need.items():
            figure("paper_training_memory", size / 2**30, "GiB", model=model, settings=optimizer)


def answer_tokens(request: GenerateRequest, *, answer: int, reply: int) -> int:
    """How long an answer is taken to be.

    Args:
        request: What is asked.
        answer: Tokens of candidates, refinements and answers.
        reply: Tokens of a judge's reply.
    """
    return min(reply if request.purpose == JUDGE else answer, request.sampling.max_tokens)


def inputs_of(data: str) -> Inputs:
    """The inputs of the paper's run, but for the model; both models' recipes ask for the same."""
    return prepare_inputs(
        NamedPrompts(data, DATA),
        COUNTED_BY,
        load_constitution(CONSTITUTIONS[data]),
        f"paper/llama-3.1-8b/{data}+{JUDGED}",
        ("engine.dtype=bfloat16",),
    )


def shape_of(config: PretrainedConfig) -> Shape:
    """The shape of a model of which nothing is known but its configuration."""
    with torch.device("meta"):
        size = AutoModelForCausalLM.from_config(config).num_parameters()
    return Shape(
        parameters=size,
        linear=0,
        trained=size,
        layers=config.num_hidden_layers,
        width=config.hidden_size,
        vocabulary=config.vocab_size,
        cached=cached_numbers_per_token(config),
    )


@dataclass(frozen=True)
class Served(DelegatingEngine):
    """A model on a server: what it is asked is no call of the policy."""

    name: str

    @property
    def fingerprint(self) -> str:
        """See `Engine.fingerprint`."""
        return self.name


def parts_of(inputs: Inputs, length: Callable[[GenerateRequest], int], answer: int) -> Parts:
    """Goes through a run, and sorts what it asks for.

    Args:
        inputs: The run's.
        length: Tokens of the answer to a request.
        answer: Tokens of a response.
    """
    chat = load_chat(COUNTED_BY, trust_remote_code=False)
    # The smaller context of the two; nothing that a run asks for comes near it.
    paper = PaperEngine(COUNTED_BY, chat, MODELS["mistral-7b"])

    def load(name: str) -> Engine:
        return Served(paper, name) if name.startswith(SERVED) else paper

    models = RealModels(inputs, load)
    with TemporaryDirectory() as folder:
        asked = rehearse(inputs, models, Path(folder) / "run", length).asked
    proof = [one for one in asked if one.stage in PROVING]
    tried = [one for one in proof if on_exemplar(one)]
    sides = [one for one in proof if not on_exemplar(one)]
    rest = [one for one in asked if one.stage not in PROVING]
    trained = training_forecast(inputs, models.count(COUNTED_BY), answer, None)
    # Before and after are asked alike, so each is half.
    training = Work(trained=trained.tokens)
    sizes = len(inputs.train), len(inputs.heldout)
    return Parts(sizes, added_up(rest), training, added_up(sides) * 0.5, added_up(tried))


PROVING = ("evaluate", "guard")
"""Stages in which the models answer held-out prompts and are judged."""
MADE_UP = "the the the the"
"""What stand-ins answer, and no exemplar says."""


def on_exemplar(asked: Asked) -> bool:
    """Whether a judge is asked about an exemplar, rather than about an answer of the run."""
    request = asked.request
    if isinstance(request, GenerateRequest) and request.purpose != JUDGE:
        return False
    return not any(MADE_UP in message.content for message in getattr(request, "messages", ()))


def added_up(asked: Sequence[Asked]) -> Work:
    """Calls and tokens of some requests."""
    here = [one for one in asked if not one.model.startswith(SERVED)]
    served = [one for one in asked if one.model.startswith(SERVED)]
    return Work(
        calls=len(here),
        read=sum(one.prompt_tokens for one in here),
        written=sum(one.answer_tokens for one in here),
        served_calls=len(served),
        served_read=sum(one.prompt_tokens for one in served),
        served_written=sum(one.answer_tokens for one in served),
    )


def work_of(command: Command, parts: Parts) -> Work:
    """All that a command computes."""
    return (
        parts.synthesis * command.syntheses
        + parts.training * command.trainings
        + parts.side * command.sides
        + parts.trial
    )


def memory_of(inputs: Inputs, shape: Shape) -> dict[str, int]:
    """Bytes that training needs at its peak, by what is set."""
    training = inputs.recipe.training
    found = {}
    for optimizer in ("adamw", "paged_adamw_8bit"):
        settings = training.model_copy(update={"optimizer": optimizer})
        recipe = inputs.recipe.model_copy(update={"training": settings})
        changed = Inputs(**{**vars(inputs), "recipe": recipe})
        found[optimizer] = training_memory(changed, shape, training.max_length).needed
    return found


def told(name: str, work: Work, shape: Shape, rates: Rates, model: str, data: str) -> None:
    """Prints a part or a command as a line.

    Args:
        name: What it is.
        work: Its tokens.
        shape: The model's.
        rates: The card's.
        model: Its name.
        data: The data set's.
    """
    facts = dict(zip(Work.__dataclass_fields__, work.all, strict=True))
    figure(name, work.hours(shape, rates), "hours", model=model, data=data, **facts)


def markdown(
    parts: dict[str, Parts],
    shapes: dict[str, Shape],
    needs: dict[str, dict[str, int]],
    rates: Rates,
) -> Iterable[str]:
    """The tables of docs/paper.md.

    Args:
        parts: By data set.
        shapes: By model.
        needs: Memory for training, by model and optimiser.
        rates: The card's.
    """
    yield "| Data | Prompts | Part | Calls | Read | Written | Trained | GPT-4o calls | Hours |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for data, found in parts.items():
        sizes = "{} and {}".format(*found.prompts)
        for part in PARTS:
            work = getattr(found, part)
            yield f"| {data} | {sizes} | {part} | {cells(work, shapes['llama-3.1-8b'], rates)} |"
    yield ""
    yield "| Result | Model | Data | Calls | Read | Written | Trained | GPT-4o calls | Hours |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for one in commands():
        work = work_of(one, parts[one.data])
        row = cells(work, shapes[one.model], rates)
        yield f"| {one.name} | {one.model} | {one.data} | {row} |"
    yield ""
    yield "| Model | Parameters | `adamw` | `paged_adamw_8bit` |"
    yield "|---|---|---|---|"
    for model, need in needs.items():
        sizes = " | ".join(f"{size / 2**30:.0f} GiB" for size in need.values())
        yield f"| {model} | {shapes[model].parameters / 1e9:.2f} billion | {sizes} |"


def cells(work: Work, shape: Shape, rates: Rates) -> str:
    """Tokens in millions, and hours."""
    millions = " | ".join(f"{n / 1e6:.2f} M" for n in (work.read, work.written, work.trained))
    hours = f"{work.hours(shape, rates):.2f}"
    return f"{work.calls:,} | {millions} | {work.served_calls:,} | {hours}"


if __name__ == "__main__":
    main()
