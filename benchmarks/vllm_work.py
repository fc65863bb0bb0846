"""What both sides of the comparison with vLLM are asked."""

import random
from collections.abc import Sequence

from primum.engines.base import GenerateRequest, SamplingParams
from primum.messages import Message
from primum.prompts import load_prompts

ANSWERS = 4
Work = Sequence[GenerateRequest]


def make_work(prompts: int, longest: int) -> list[GenerateRequest]:
    """Prompts of one to four of our seed prompts in a row, with answers of 8 tokens and more."""
    draw = random.Random(0)
    found = load_prompts("seed", heldout=0.2, seed=0).prompts
    texts = [prompt.messages[-1].content for prompt in found]
    work = []
    for at in range(prompts):
        text = "\n\n".join(draw.sample(texts, draw.choice((1, 1, 2, 4))))
        for answer in range(ANSWERS):
            params = SamplingParams(1.0, 1.0, draw.randint(min(8, longest), longest))
            seed = 1000 * at + answer
            work.append(GenerateRequest((Message("user", text),), params, seed, "bench"))
    return work


def part_of(work: Work, at: int, parts: int) -> Work:
    """Every so-manieth prompt with all its answers, so that parts are alike."""
    return [request for index, request in enumerate(work) if index // ANSWERS % parts == at]
