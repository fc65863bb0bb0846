"""Generation by our engine, by plain `generate` in static batches, and by Transformers' paged one.

Answers end at different times, as real ones do: each has a length of its own, drawn beforehand,
which no side knows until it is reached.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from transformers import ContinuousBatchingConfig, GenerationConfig, StoppingCriteria

from primum.engines.base import GenerateRequest, SamplingParams
from primum.engines.local.engine import TransformersEngine
from primum.messages import Message, Messages
from primum.prompts import load_prompts

ANSWERS = 4


@dataclass(frozen=True)
class Work:
    """A prompt, its token ids, and the length of each of its answers."""

    messages: Messages
    ids: tuple[int, ...]
    most: tuple[int, ...]


def make_work(engine: TransformersEngine, count: int, *, longest: int) -> list[Work]:
    """Prompts of one to four of our seed prompts in a row, with answers of 8 tokens and more."""
    draw = random.Random(0)
    found = load_prompts("seed", heldout=0.2, seed=0).prompts
    texts = [prompt.messages[-1].content for prompt in found]
    work = []
    for _ in range(count):
        text = "\n\n".join(draw.sample(texts, draw.choice((1, 1, 2, 4))))
        messages = (Message("user", text),)
        ids = tuple(engine.loaded.chat.prompt_ids(messages))
        most = tuple(draw.randint(min(8, longest), longest) for _ in range(ANSWERS))
        work.append(Work(messages, ids, most))
    return work


def ours(engine: TransformersEngine, work: Sequence[Work], top_p: float = 1.0) -> tuple[int, float]:
    """Tokens, and seconds."""
    requests = [
        GenerateRequest(each.messages, SamplingParams(1.0, top_p, most), 1000 * at + k, "bench")
        for at, each in enumerate(work)
        for k, most in enumerate(each.most)
    ]
    began = time.perf_counter()
    tokens = sum(completion.tokens for _, completion in engine.generate(requests))
    return tokens, time.perf_counter() - began


class Lengths(StoppingCriteria):
    """Ends each row at its own length."""

    def __init__(self, prompt: int, most: Sequence[int]) -> None:
        self.prompt, self.most = prompt, torch.tensor(most)

    def __call__(self, input_ids, scores, **kwargs):
        return (input_ids.shape[1] - self.prompt >= self.most).to(input_ids.device)


def static(
    engine: TransformersEngine, work: Sequence[Work], size: int, top_p: float = 1.0
) -> tuple[int, float]:
    """Plain `generate`, so many sequences at a time, prompts of similar length together."""
    chat, model = engine.loaded.chat, engine.loaded.model
    step = max(1, size // ANSWERS)
    ordered = sorted(work, key=lambda each: -len(each.ids))
    tokens = 0
    torch.manual_seed(0)
    began = time.perf_counter()
    for batch in (ordered[at : at + step] for at in range(0, len(ordered), step)):
        width = max(len(each.ids) for each in batch)
        ids = [[chat.pad_id] * (width - len(each.ids)) + list(each.ids) for each in batch]
        mask = [[0] * (width - len(each.ids)) + [1] * len(each.ids) for each in batch]
        most = [length for each in batch for length in each.most]
        found = model.generate(
            torch.tensor(ids, device=model.device),
            attention_mask=torch.tensor(mask, device=model.device),
            num_return_sequences=ANSWERS,
            do_sample=True,
            temperature=1.0,
            top_p=top_p,
            top_k=0,
            max_new_tokens=max(most),
            eos_token_id=sorted(chat.stop_ids),
            pad_token_id=chat.pad_id,
            stopping_criteria=[Lengths(width, most)],
        )
        for row, length in zip(found[:, width:].tolist(), most, strict=True):
            ends = [at for at, token in enumerate(row[:length]) if token in chat.stop_ids]
            tokens += ends[0] if ends else length
    return tokens, time.perf_counter() - began


def paged(engine: TransformersEngine, work: Sequence[Work]) -> tuple[int, float]:
    """Transformers' continuous batching over a paged cache."""
    chat, model = engine.loaded.chat, engine.loaded.model
    attention = model.config._attn_implementation
    settings = GenerationConfig(
        do_sample=True,
        temperature=1.0,
        top_p=1.0,
        top_k=0,
        max_new_tokens=max(most for each in work for most in each.most),
        eos_token_id=sorted(chat.stop_ids),
        pad_token_id=chat.pad_id,
    )
    # A cache that holds all of the work: left to itself it takes 60 % of the memory.
    held = sum(len(each.ids) + most for each in work for most in each.most)
    cache = ContinuousBatchingConfig(
        page_size=32, num_blocks=2 * held // 32 + ANSWERS * len(work), max_batch_tokens=4096
    )
    began = time.perf_counter()
    tokens = waiting = 0
    with model.continuous_batching_context_manager(
        generation_config=settings, continuous_batching_config=cache
    ) as manager:
        for each in work:
            for most in each.most:
                manager.add_request(
                    list(each.ids), max_new_tokens=most, eos_token_id=sorted(chat.stop_ids)
                )
                waiting += 1
        while waiting:
            result = manager.get_result(timeout=1)
            if result is None and not manager.is_running():
                raise SystemExit("Transformers' continuous batching ended early")
            if result is not None and result.is_finished():
                if result.error:
                    raise SystemExit(f"Transformers' continuous batching: {result.error}")
                tokens += sum(token not in chat.stop_ids for token in result.generated_tokens)
                waiting -= 1
    seconds = time.perf_counter() - began
    model.set_attn_implementation(attention)
    return tokens, seconds
