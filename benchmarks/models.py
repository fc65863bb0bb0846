"""Families of models: is each sampled, trained and loaded as its template and weights say?

Every family is a tiny model with random weights in the family's architecture, with a tokenizer and
a chat template of the family's structure. Nothing is downloaded. `_COMPARED` says what is compared.
A family passes where everything is the same, or where it is refused in a sentence.

    python benchmarks/models.py [--write docs/models.md] [--only NAME ... | --folder MODEL]
"""

import argparse
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers as hf
from peft import LoraConfig
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # For the tests' tiny models.

from tests.engines.models.families import FAMILIES as TOKENIZERS
from tests.training.network.architectures import ARCHITECTURES

from figures import figure
from primum.engines.base import GenerateRequest, SamplingParams, Thinking
from primum.engines.local.engine import TransformersEngine
from primum.engines.models.loading import load
from primum.engines.models.thoughts import has_switch, splitter_of
from primum.errors import UserError
from primum.messages import Answer, Message, Messages, as_dicts
from primum.training.data.datasets import DataSets
from primum.training.data.encoding import Encoded, encode
from primum.training.data.groups import Group, Groups
from primum.training.network.isolation import isolation_trial
from primum.training.network.packing import choose_layout
from primum.training.network.prepare import with_adapter
from primum.training.network.scoring import mean_logprobs
from primum.training.step.dispatch import Dispatcher

FAMILIES = {
    "SmolLM2": ("llama", "chatml"),
    "Llama 3": ("llama", "llama3"),
    "TinyLlama": ("llama", "zephyr"),
    "Vicuna": ("llama", "vicuna"),
    "DeepSeek-R1 distilled": ("llama", "r1"),
    "Llama 4": ("llama4", "llama3"),
    "Llama, dynamic RoPE": ("llama-dynamic", "llama3"),
    "Llama, Unigram tokenizer": ("llama", "unigram"),
    "Qwen 2.5": ("qwen2", "chatml"),
    "Qwen 2 with window": ("qwen2-window", "chatml"),
    "Qwen 3": ("qwen3", "qwen3"),
    "Mistral 7B v0.1": ("mistral", "mistral"),
    "Mistral 7B v0.3": ("mistral", "mistral, first"),
    "Zephyr": ("mistral", "zephyr"),
    "Mixtral": ("mixtral", "mistral"),
    "Gemma": ("gemma", "gemma"),
    "Gemma 2": ("gemma2", "gemma"),
    "Gemma 3": ("gemma3", "gemma"),
    "Gemma 4": ("gemma4", "gemma"),
    "Phi-2": ("phi", "no template"),
    "Phi-3 mini": ("phi3", "phi3"),
    "Phi-3, long context": ("phi3-long", "phi3"),
    "Phi-3.5 MoE": ("phimoe", "phi3"),
    "GPT-2": ("gpt2", "no template"),
    "GPT-J": ("gpt-j", "no template"),
    "GPT-NeoX": ("gpt-neox", "no template"),
    "SantaCoder": ("gpt-bigcode", "no template"),
    "gpt-oss": ("gpt-oss", "chatml"),
    "OPT": ("opt", "no template"),
    "BLOOM": ("bloom", "no template"),
    "MPT chat": ("mpt", "chatml"),
    "Falcon": ("falcon-rotary", "vicuna"),
    "Falcon with ALiBi": ("falcon-alibi", "vicuna"),
    "Command R7B": ("cohere2", "chatml"),
    "OLMo 2": ("olmo2", "zephyr"),
    "OLMo 3": ("olmo3", "chatml"),
    "StarCoder2": ("starcoder2", "chatml"),
    "StableLM": ("stablelm", "zephyr"),
    "Nemotron": ("nemotron", "chatml"),
    "Granite": ("granite", "zephyr"),
    "DeepSeek-V3": ("deepseek-v3", "r1"),
    "MiniCPM3": ("minicpm3", "chatml"),
    "GLM-4": ("glm4", "chatml"),
    "GLM-4.5": ("glm4-moe", "qwen3"),
    "EXAONE 4": ("exaone4", "qwen3"),
    "SmolLM3": ("smollm3", "qwen3"),
    "Doge": ("doge", "chatml"),
    "Mamba": ("mamba", "chatml"),
    "LFM2": ("lfm2", "chatml"),
}
"""Per family its architecture, and the structure of its tokenizer and template."""

CONVERSATIONS: tuple[Messages, ...] = (
    (Message("user", "Hello!"),),
    (Message("user", "What may a patient know about the law?"),),
    (
        Message("user", "Hi"),
        Message("assistant", "I am fine."),
        Message("user", "And the  doctor?\n\nTell me."),
    ),
)
ANSWERS = ("I am fine, thank you.", "Law.")
LENGTH = 512
TOKENS = 12
PLAIN = "no template"


class DiffersError(Exception):
    """What is computed is not what Transformers says."""


@dataclass(frozen=True)
class Family:
    """A family's tiny model on disk.

    Attributes:
        tokens: The structure of its tokenizer and template.
        folder: Where the model lies.
    """

    tokens: str
    folder: Path

    @cached_property
    def tokenizer(self) -> Any:
        """As Transformers loads it."""
        return hf.AutoTokenizer.from_pretrained(self.folder)

    @cached_property
    def engine(self) -> TransformersEngine:
        """As primum loads it."""
        return TransformersEngine.from_name(str(self.folder), device="cpu", dtype="float32")

    def fresh(self) -> Any:
        """The model as Transformers loads it."""
        return hf.AutoModelForCausalLM.from_pretrained(self.folder, dtype=torch.float32).eval()

    @cached_property
    def thinking(self) -> Thinking:
        """Off where the template has a switch, as it writes past turns without thoughts."""
        return "off" if has_switch(self.engine.loaded.chat) else "auto"

    @cached_property
    def thought(self) -> str | None:
        """What the model thinks before it answers, where the template opens a thought."""
        chat = self.engine.loaded.chat
        return "Hm." if chat.opens_thought(CONVERSATIONS[0], self.thinking) else None

    def rendered(self, messages: Messages, answer: str | None = None) -> str:
        """The conversation as the template writes it, with an answer where one is given."""
        switch = {"enable_thinking": False} if self.thinking == "off" else {}
        template = partial(self.tokenizer.apply_chat_template, tokenize=False, **switch)
        opening = str(template(as_dicts(messages), add_generation_prompt=True))
        if answer is None:
            return opening
        whole = str(template(as_dicts((*messages, Message("assistant", answer)))))
        before, end = whole.rsplit(answer, 1)
        if self.thought:  # Past turns are written without it.
            return f"{opening}{self.thought}\n</think>\n\n{answer}{end.rstrip()}"
        return before + answer + end.rstrip()

    def ids(self, messages: Messages, answer: str | None = None) -> list[int]:
        """Their ids by Transformers alone."""
        if self.tokens == PLAIN:
            ids = self.engine.loaded.chat.prompt_ids(messages)
            if answer is None:
                return ids
            text = self.tokenizer.decode(ids[1:]) + " " + answer
            encoded = self.tokenizer(text, add_special_tokens=False)["input_ids"]
            return [ids[0], *encoded, self.tokenizer.eos_token_id]
        text = self.rendered(messages, answer)
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])


def check_prompt(family: Family) -> None:
    """The ids of conversations."""
    for messages in CONVERSATIONS:
        same(
            family.engine.loaded.chat.prompt_ids(messages, family.thinking),
            family.ids(messages),
            "prompt ids",
        )


def check_sampling(family: Family) -> None:
    """Answers alone, in company, and by Transformers."""
    engine, chat = family.engine, family.engine.loaded.chat
    for temperature in (0.0, 1.0):
        params = SamplingParams(temperature, max_tokens=TOKENS, thinking=family.thinking)
        requests = [
            GenerateRequest(messages, params, seed, "sample")
            for seed, messages in enumerate(CONVERSATIONS)
        ]
        alone = [next(iter(engine.generate([request])))[1] for request in requests]
        together = dict(engine.generate(requests))
        same([together[at] for at in range(len(requests))], alone, "sampling in company")
        if temperature == 0:
            model = family.fresh()
            for completion, messages in zip(alone, CONVERSATIONS, strict=True):
                prompt = torch.tensor([family.ids(messages)])
                found = model.generate(
                    prompt,
                    attention_mask=torch.ones_like(prompt),
                    do_sample=False,
                    max_new_tokens=TOKENS,
                    eos_token_id=sorted(chat.stop_ids),
                    pad_token_id=chat.pad_id,
                )[0, prompt.shape[1] :]
                ids = [token for token in found.tolist() if token not in chat.stop_ids]
                opened = chat.opens_thought(messages, family.thinking)
                cut = completion.finish == "length"
                expected = splitter_of(chat).split(ids, opened=opened, cut=cut)
                same(completion, expected, "greedy answer and generate")


def check_training(family: Family) -> None:
    """Log-probabilities of answers, against a plain forward pass over the template's text."""
    model, dispatcher = trained_model(family)
    plain = family.fresh()
    for messages in CONVERSATIONS:
        for answer in ANSWERS:
            encoded = encode_answer(family, messages, answer)
            ids = family.ids(messages, answer)
            same(encoded.ids.tolist(), ids, "ids of a conversation with its answer")
            with torch.no_grad():
                found = mean_logprobs(model, dispatcher.batch([encoded]))
            close(found, plain_logprob(plain, ids, encoded.start), "log-probability")


def check_packing(family: Family) -> None:
    """Sequences together and alone."""
    model, dispatcher = trained_model(family)
    encoded = [
        encode_answer(family, messages, answer) for messages in CONVERSATIONS for answer in ANSWERS
    ]
    plain = family.fresh()
    alone = torch.cat([plain_logprob(plain, each.ids.tolist(), each.start) for each in encoded])
    with torch.no_grad():
        close(mean_logprobs(model, dispatcher.batch(encoded)), alone, "together and alone")


def check_ends(family: Family) -> None:
    """The tokens that end an answer."""
    chat = family.engine.loaded.chat
    configured = hf.GenerationConfig.from_pretrained(family.folder).eos_token_id
    named = {configured} if isinstance(configured, int) else set(configured)
    if not {*named, family.tokenizer.eos_token_id} <= chat.stop_ids:
        raise DiffersError(f"answers end at {sorted(chat.stop_ids)}, but {named} are configured")
    last = int(encode_answer(family, CONVERSATIONS[0], ANSWERS[0]).ids[-1])
    if last not in chat.stop_ids:
        raise DiffersError(f"the trained answer ends with {last}, at which sampling goes on")


def check_merging(family: Family) -> None:
    """The adapter as trained, and as loaded."""
    model = family.fresh()
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        settings = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear")
        adapted = with_adapter(model, settings, sharded_by_deepspeed=False)
        draw = torch.Generator().manual_seed(1)
        with torch.no_grad():
            for weight in adapted.parameters():
                if weight.requires_grad:
                    weight.add_(0.02 * torch.randn(weight.shape, generator=draw))
        adapted.peft_config["default"].base_model_name_or_path = str(family.folder)
        adapted.eval().save_pretrained(folder)
        merged = load(folder, device="cpu", dtype="float32").model
        ids = torch.tensor([family.ids(CONVERSATIONS[1])])
        with torch.no_grad():
            close(
                merged(input_ids=ids, use_cache=False).logits.log_softmax(-1),
                adapted(input_ids=ids, use_cache=False).logits.log_softmax(-1),
                "logits of the merged and the trained model",
            )


CHECKS: dict[str, Callable[[Family], None]] = {
    "prompt": check_prompt,
    "sampling": check_sampling,
    "training": check_training,
    "packing": check_packing,
    "ends": check_ends,
    "merging": check_merging,
}


def encode_answer(family: Family, messages: Messages, answer: str) -> Encoded:
    """As training encodes it."""
    chat, written = family.engine.loaded.chat, Answer(answer, family.thought)
    return encode(chat, messages, written, LENGTH, 0, family.thinking)


def trained_model(family: Family) -> tuple[Any, Dispatcher]:
    """A model that returns log-probabilities, and how its sequences are laid out."""
    model = family.fresh()
    responses = tuple(
        encode_answer(family, messages, answer) for messages in CONVERSATIONS for answer in ANSWERS
    )
    group = Group(tuple(range(len(responses))), responses, np.array([[0, 1]]), np.ones(1))
    trial = isolation_trial(model, DataSets(Groups((group,), 0, 0), None), LENGTH)
    dispatcher = Dispatcher(
        0, 1, choose_layout(model), 0, torch.device("cpu"), 10_000, 1, lambda values: values
    )
    return model, trial.settle(dispatcher, model, responses)


@torch.no_grad()
def plain_logprob(model: Any, ids: Sequence[int], start: int) -> Tensor:
    """Mean log-probability from all logits of one sequence, shape 1."""
    tensor = torch.tensor([list(ids)])
    logprobs = model(input_ids=tensor, use_cache=False).logits[0].float().log_softmax(-1)
    return logprobs[start - 1 : -1].gather(1, tensor[0, start:, None]).mean()[None]


def same(found: object, expected: object, what: str) -> None:
    if found != expected:
        raise DiffersError(f"{what}: {found!r} is not {expected!r}")


def close(found: Tensor, expected: Tensor, what: str) -> None:
    difference = float((found - expected).abs().max())
    # Rounding grows with what is rounded.
    if not difference < 1e-4 * max(1.0, float(expected.abs().max())):
        raise DiffersError(f"{what}: differ by {difference:.2g}")


@dataclass
class Row:
    """What was found of a family: `same`, or why not, per check."""

    architecture: str
    tokens: str
    cells: dict[str, str] = field(default_factory=dict)
    refusal: str | None = None

    @property
    def passes(self) -> bool:
        """Whether nothing differs."""
        return all(cell in ("same", "refused") for cell in self.cells.values())


def make(name: str, folder: Path) -> Family:
    """Writes the tiny model of a family."""
    architecture, tokens = FAMILIES[name]
    tokenizer = TOKENIZERS[tokens]()
    config = ARCHITECTURES[architecture]()
    config.vocab_size = len(tokenizer)
    for key, value in (("vocab_size_per_layer_input", len(tokenizer)),):
        if hasattr(config, key):
            setattr(config, key, value)
    for key in ("max_position_embeddings", "n_positions", "max_seq_len"):
        if hasattr(config, key) and architecture not in ("phi3-long", "llama-dynamic"):
            setattr(config, key, LENGTH)
    torch.manual_seed(0)
    model = hf.AutoModelForCausalLM.from_config(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim == 1:  # Zero biases and unit norms would hide mistakes in them.
                parameter.add_(0.1 * torch.randn_like(parameter))
    special = [int(at) for at, t in tokenizer.added_tokens_decoder.items() if t.special]
    model.generation_config = hf.GenerationConfig(
        eos_token_id=sorted({tokenizer.eos_token_id, special[-1]}),
        bos_token_id=tokenizer.bos_token_id,
        pad_token_id=tokenizer.eos_token_id,
    )
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return Family(tokens, folder)


def examine(name: str) -> Row:
    """Goes through the checks of a family."""
    architecture, tokens = FAMILIES[name]
    row = Row(architecture, tokens)
    with tempfile.TemporaryDirectory() as folder:
        go_through(make(name, Path(folder)), row)
    return row


def go_through(family: Family, row: Row) -> None:
    """Fills a row with what every check finds."""
    for check, run in CHECKS.items():
        try:
            run(family)
            row.cells[check] = "same"
        except UserError as error:
            row.cells[check] = "refused"
            row.refusal = str(error).replace(str(family.folder), "MODEL")
        except DiffersError as error:
            row.cells[check] = f"differs: {error}"
        except Exception as error:
            row.cells[check] = f"breaks: {type(error).__name__}: {error}"


def told(name: str, row: Row) -> None:
    """Prints what was found of a model."""
    if all(cell == "same" for cell in row.cells.values()):
        print(f"{name}: same", flush=True)
    else:
        print(f"{name}: {row.refusal or ''}", *row.cells.items(), sep="\n    ", flush=True)


_COMPARED = {
    "prompt": "The ids of a conversation with those of Transformers' `apply_chat_template`.",
    "sampling": "Greedy answers alone, in company and by Transformers' `generate`; drawn answers "
    "alone and in company.",
    "training": "The log-probability of an answer with that of a plain forward pass over the "
    "conversation as the template renders it.",
    "packing": "Sequences scored together with the same ones scored alone.",
    "ends": "What ends an answer with what the template, the tokenizer and "
    "`generation_config.json` name; the template's own end is trained.",
    "merging": "What the loaded adapter computes with what was trained.",
}


def page(rows: dict[str, Row]) -> str:
    """docs/models.md."""
    passing = sum(row.passes for row in rows.values())
    head = " | ".join(("Family", "Architecture", "Template", *CHECKS))
    refused = {name: row.refusal for name, row in rows.items() if row.refusal}
    lines = [
        "# Models",
        "",
        "Which families of models primum samples, trains and loads as their template, tokenizer "
        f"and weights say. **{passing} of {len(rows)} families pass**: in every column they are "
        "the same as what they are compared with, or they are refused in a sentence before "
        f"anything is lost. Refused in some or all columns: {'; '.join(refused)}.",
        "",
        "Each family is a tiny model with random weights in the family's architecture, with a "
        "tokenizer and a chat template of the family's structure (the column *Template* names it; "
        "families of one structure share it), in float32 on a CPU. No published checkpoint was "
        "loaded: the table says that a structure is handled, not how good a model becomes. Of "
        "models that it lacks, what can go wrong is tried at the start of a run: see "
        "[from messages to tokens](engines.md#from-messages-to-tokens) and "
        "[the trainer](trainer.md#what-it-does-differently).",
        "",
        "| Column | What is compared |",
        "|---|---|",
        *(f"| {name} | {compared} |" for name, compared in _COMPARED.items()),
        "",
        "`python benchmarks/models.py --write docs/models.md` makes this page.",
        "",
        f"| {head} |",
        "|" + "---|" * (3 + len(CHECKS)),
    ]
    for name, row in rows.items():
        cells = (cell.split(":")[0] for cell in row.cells.values())
        lines.append(f"| {name} | {row.architecture} | {row.tokens} | {' | '.join(cells)} |")
    if refused:
        lines += ["", "## What is refused, and how", ""]
        lines += [f"- **{name}**: {sentence}" for name, sentence in refused.items()]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="the page to write")
    parser.add_argument("--only", nargs="*", default=list(FAMILIES), help="some families")
    parser.add_argument("--folder", type=Path, help="a model of your own in their place")
    options = parser.parse_args()
    hf.logging.set_verbosity_error()
    hf.logging.disable_progress_bar()
    if options.folder:
        row = Row("its own", "its own")
        go_through(Family("its own", options.folder), row)
        return told(options.folder.name, row)
    rows: dict[str, Row] = {}
    for name in options.only:
        rows[name] = examine(name)
        told(name, rows[name])
    passing = sum(row.passes for row in rows.values())
    refused = sum(row.refusal is not None for row in rows.values())
    figure("families_passing", passing, "families", of=len(rows), refused=refused)
    if options.write:
        options.write.write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
