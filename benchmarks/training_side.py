"""One side of the training benchmark, in a process of its own so that memory is its own too.

python benchmarks/training_side.py SETTINGS_JSON RESULT_FILE
"""

import ctypes
import itertools
import json
import random
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    LlamaConfig,
    TrainerCallback,
)

from primum.engines.models.bundled import bundled_model
from primum.training import PriorityConfig, PriorityTrainer

WORDS = (Path(__file__).parents[1] / "LICENSE").read_text().lower().split()


@dataclass(frozen=True)
class Settings:
    """What is trained, and how the step is split: one prompt with all its pairs at a time.

    Attributes:
        side: `ours`, `trl` or `trl-liger`.
        device: `cpu` or `cuda`.
        layers: Layers of a model of Llama-3.1-8B's shape; 0 for the bundled model.
        dtype: Format of the frozen weights.
        prompts: Prompts in the step.
        responses: Responses to each, all pairs formed.
        prompt_tokens: About as many.
        response_tokens: About as many, half to one and a half of it.
        steps: Steps measured; a GPU takes one more before them, to warm up.
        checkpointing: Whether activations are recomputed.
    """

    side: str
    device: str
    layers: int
    dtype: str
    prompts: int
    responses: int
    prompt_tokens: int
    response_tokens: int
    steps: int
    checkpointing: bool


@dataclass
class Result:
    """What was measured.

    Attributes:
        seconds: Of each measured step.
        tokens: Forwarded in one step, without padding.
        response_tokens: Of each response once with its prompt, as a plain forward pass has them.
        peak_bytes: Most memory above what was held before training.
        grad_norm: Of the first step.
        forward_seconds: A plain forward pass of the same sequences, each once; ours only.
        parameters: Without the embedding.
    """

    seconds: list[float]
    tokens: int
    response_tokens: int
    peak_bytes: int
    grad_norm: float
    forward_seconds: list[float]
    parameters: int


class Clock(TrainerCallback):
    """Times steps, and resets the memory peak after the model is loaded."""

    def __init__(self, device: str) -> None:
        self.seconds: list[float] = []
        self.memory = Memory(device)
        self._device = device
        self._began = 0.0

    def on_step_begin(self, *args: Any, **kwargs: Any) -> None:
        """Starts the clock."""
        self._began = now(self._device)

    def on_step_end(self, *args: Any, **kwargs: Any) -> None:
        """Stops it."""
        self.seconds.append(now(self._device) - self._began)


class Memory:
    """Peak memory above a starting point."""

    def __init__(self, device: str) -> None:
        self._cuda = device == "cuda"
        self._start = 0

    def start(self) -> None:
        """Forgets the peak so far."""
        if self._cuda:
            torch.cuda.reset_peak_memory_stats()
            self._start = torch.cuda.memory_allocated()
            return
        ctypes.CDLL("libc.so.6").malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5")
        self._start = resident("VmRSS")

    def peak(self) -> int:
        """Bytes."""
        highest = torch.cuda.max_memory_allocated() if self._cuda else resident("VmHWM")
        return highest - self._start


def resident(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def now(device: str) -> float:
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def make_model(settings: Settings) -> Any:
    torch.manual_seed(0)
    dtype = getattr(torch, settings.dtype)
    if not settings.layers:
        folder = bundled_model("bundled:smollm2-135m")
        return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype).to(settings.device)
    config = LlamaConfig(
        vocab_size=128_256,
        hidden_size=4096,
        intermediate_size=14_336,
        num_hidden_layers=settings.layers,
        num_attention_heads=32,
        num_key_value_heads=8,
        max_position_embeddings=8192,
        rope_parameters={"rope_type": "default", "rope_theta": 500_000.0},
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    with torch.device(settings.device):
        return AutoModelForCausalLM.from_config(config, dtype=dtype)


def make_tokenizer() -> Any:
    tokenizer = AutoTokenizer.from_pretrained(bundled_model("bundled:smollm2-135m"))
    # TRL counts what the template writes after a response as part of it; here that is nothing.
    tokenizer.chat_template = (
        "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' "
        "}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
    )
    return tokenizer


def make_data(settings: Settings, tokenizer: Any) -> Dataset:
    draw = random.Random(0)
    rows = []
    for _ in range(settings.prompts):
        prompt = text(draw, settings.prompt_tokens, tokenizer)
        lengths = [
            round(settings.response_tokens * draw.uniform(0.5, 1.5))
            for _ in range(settings.responses)
        ]
        answers = [text(draw, length, tokenizer) for length in lengths]
        for chosen, rejected in itertools.combinations(answers, 2):
            rows.append(
                {
                    "prompt": [{"role": "user", "content": prompt}],
                    "chosen": [{"role": "assistant", "content": chosen}],
                    "rejected": [{"role": "assistant", "content": rejected}],
                }
            )
    return Dataset.from_list(rows)


def text(draw: random.Random, tokens: int, tokenizer: Any) -> str:
    words = " ".join(draw.choices(WORDS, k=tokens))
    return str(tokenizer.decode(tokenizer(words)["input_ids"][:tokens])).strip()


def warm_up(settings: Settings) -> int:
    return int(settings.device == "cuda")


def common(settings: Settings) -> dict[str, Any]:
    return {
        "output_dir": tempfile.mkdtemp(),
        "num_train_epochs": settings.steps + warm_up(settings),
        "learning_rate": 1e-5,
        "lr_scheduler_type": "constant",
        "gradient_accumulation_steps": settings.prompts,
        "train_sampling_strategy": "sequential",
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "max_length": 4096,
        "beta": 2.0,
        "use_cpu": settings.device == "cpu",
        "bf16": False,
        **({"gradient_checkpointing": True} if settings.checkpointing else {}),
    }


def trl_trainer(settings: Settings, shared: dict[str, Any]) -> Any:
    from trl.experimental.cpo import CPOConfig, CPOTrainer

    # TRL recomputes activations by default; the benchmark decides for both sides.
    arguments = {
        "gradient_checkpointing": False,
        "per_device_train_batch_size": settings.responses * (settings.responses - 1) // 2,
        "loss_type": "simpo",
        "simpo_gamma": 1.0,
        "cpo_alpha": 0.0,
        "use_liger_kernel": settings.side == "trl-liger",
    }
    args = CPOConfig(**arguments | common(settings))
    return CPOTrainer(args=args, **shared)


def our_trainer(settings: Settings, shared: dict[str, Any]) -> Any:
    args = PriorityConfig(
        per_device_train_batch_size=1,
        tokens_per_batch=None,
        loss="simpo",
        watched_responses=0,
        **common(settings),
    )
    return PriorityTrainer(args=args, **shared)


def measure(settings: Settings) -> Result:
    model, tokenizer = make_model(settings), make_tokenizer()
    clock = Clock(settings.device)
    forward = Forward(settings, model) if settings.side == "ours" else None
    shared = {
        "model": model,
        "train_dataset": make_data(settings, tokenizer),
        "processing_class": tokenizer,
        "peft_config": LoraConfig(r=16, lora_alpha=32, target_modules="all-linear"),
        "callbacks": [clock],
    }
    make = our_trainer if settings.side == "ours" else trl_trainer
    trainer = make(settings, shared)
    plain = forward.time(trainer) if forward else []
    clock.memory.start()
    trainer.train()
    peak = clock.memory.peak()
    plain += forward.time(trainer) if forward else []
    logged = [entry for entry in trainer.state.log_history if "grad_norm" in entry]
    return Result(
        seconds=clock.seconds[warm_up(settings) :],
        tokens=step_tokens(trainer, ours=settings.side == "ours"),
        response_tokens=response_tokens(trainer) if settings.side == "ours" else 0,
        peak_bytes=peak,
        grad_norm=float(logged[0]["grad_norm"]),
        forward_seconds=plain,
        parameters=model.num_parameters(exclude_embeddings=True),
    )


def step_tokens(trainer: Any, *, ours: bool) -> int:
    """Tokens that one step forwarded: TRL's both sides of all pairs, ours as they were counted."""
    if ours:
        return int(trainer.state.num_input_tokens_seen / trainer.state.global_step)
    rows = trainer.train_dataset
    return sum(len(r["chosen_input_ids"]) + len(r["rejected_input_ids"]) for r in rows)


def response_tokens(trainer: Any) -> int:
    return sum(sum(group.lengths) for group in trainer.train_groups.items)


class Forward:
    """Transformers' own forward pass, the logits of all tokens included, over each response once.

    The adapter is off and there is no gradient. One prompt's responses go side by side, padded;
    a second way, sequence by sequence without padding, is timed too, and the quicker one counts.
    """

    def __init__(self, settings: Settings, model: Any) -> None:
        self._settings = settings
        self._model = model

    def time(self, trainer: Any) -> list[float]:
        """Seconds, twice."""
        model, device = trainer.model, self._settings.device
        groups = trainer.train_groups.items
        ways = []
        with torch.no_grad(), model.disable_adapter():
            model.eval()
            for way in (self._padded, self._alone, self._padded, self._alone):
                began = now(device)
                for group in groups:
                    way(model, group.responses)
                ways.append(now(device) - began)
        return [min(ways[0], ways[1]), min(ways[2], ways[3])]

    def _padded(self, model: Any, responses: Any) -> None:
        rows = [torch.from_numpy(response.ids).long() for response in responses]
        ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
        mask = torch.nn.utils.rnn.pad_sequence([torch.ones_like(r) for r in rows], True)
        device = self._settings.device
        model(input_ids=ids.to(device), attention_mask=mask.to(device), use_cache=False)

    def _alone(self, model: Any, responses: Any) -> None:
        for response in responses:
            ids = torch.from_numpy(response.ids).long()[None].to(self._settings.device)
            model(input_ids=ids, use_cache=False)


if __name__ == "__main__":
    outcome = measure(Settings(**json.loads(sys.argv[1])))
    Path(sys.argv[2]).write_text(json.dumps(asdict(outcome)))
