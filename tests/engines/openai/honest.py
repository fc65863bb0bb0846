"""A server that computes its answers with a real model, as a real server does.

It renders the chat template as text and encodes the whole, special tokens included.
"""

from typing import Any

import torch

from primum.engines.base import GenerateRequest, SamplingParams
from primum.engines.local.engine import TransformersEngine
from primum.messages import Message
from tests.engines.openai.serving import Answer, Handle, completion


def honest(engine: TransformersEngine, *, goes_on: bool = True, knows: bool = True) -> Handle:
    """Answers with the engine's model and the log-probabilities of the first token.

    Args:
        engine: Holds the model.
        goes_on: Whether a begun answer is continued when that is asked for.
        knows: Whether it knows what that request means; else it refuses it.
    """
    model, tokenizer = engine.loaded.model, engine.loaded.chat.tokenizer

    @torch.inference_mode()
    def handle(body: dict[str, Any], before: int) -> Answer:
        wanted = body.get("continue_final_message", False)
        if wanted and not knows:
            return Answer({"detail": "Unexpected fields: continue_final_message"}, 422)
        wanted = wanted and goes_on
        if body["max_tokens"] > 1:
            return _written(engine, body)
        text = tokenizer.apply_chat_template(
            body["messages"],
            tokenize=False,
            add_generation_prompt=not wanted,
            continue_final_message=wanted,
        )
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        logits = model(torch.tensor([ids])).logits[0, -1].float()
        best = torch.log_softmax(logits, -1).topk(body.get("top_logprobs", 1))
        listed = [
            {"token": tokenizer.decode([token]), "logprob": value}
            for value, token in zip(best.values.tolist(), best.indices.tolist(), strict=True)
        ]
        content = [{**listed[0], "top_logprobs": listed}] if body.get("logprobs") else None
        return Answer(
            {
                "choices": [
                    {
                        "message": {"content": listed[0]["token"]},
                        "finish_reason": "length",
                        "logprobs": {"content": content} if content else None,
                    }
                ],
                "usage": {"prompt_tokens": len(ids), "completion_tokens": 1},
            }
        )

    return handle


def _written(engine: TransformersEngine, body: dict[str, Any]) -> Answer:
    """A whole answer, drawn by the engine itself."""
    messages = tuple(Message(turn["role"], turn["content"]) for turn in body["messages"])
    params = SamplingParams(body["temperature"], body["top_p"], body["max_tokens"])
    [(_, found)] = engine.generate([GenerateRequest(messages, params, body["seed"], "")])
    usage = {"prompt_tokens": engine.count(messages), "completion_tokens": found.tokens}
    return completion(found.text, found.finish, usage=usage)
