"""From a prompt and a response to the token ids that the model is trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from primum.engines.base import Thinking
from primum.engines.models.chat import ChatFormat
from primum.errors import UserError
from primum.messages import Answer, Messages


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token ids of one prompt with one response.

    Attributes:
        ids: Prompt and response, shape L.
        start: Index of the response's first token, at least 1.
        cut_prompt: Tokens cut from the prompt's left.
        cut_response: Tokens cut from the response's end.
        moved: Whether the tokenizer merges across the boundary, so that the response begins
            earlier than the prompt's own tokens end.
        thought: How many of the response's tokens are its thought, marks included; they come first.
    """

    ids: NDArray[np.int32]
    start: int
    cut_prompt: int
    cut_response: int
    moved: bool
    thought: int = 0

    def weights(self, thought_weight: float) -> NDArray[np.float32]:
        """How much each token of the response counts, shape L − start.

        Args:
            thought_weight: How much those of the thought count.
        """
        weights = np.ones(len(self.ids) - self.start, dtype=np.float32)
        weights[: self.thought] = thought_weight
        return weights


def encode(
    chat: ChatFormat,
    prompt: Messages | str,
    answer: Answer,
    max_length: int,
    row: int,
    thinking: Thinking = "auto",
) -> Encoded:
    """Encodes a prompt with a response, and cuts it to length.

    Prompt and response are encoded in one piece, and the boundary is where their tokens part from
    those of the prompt alone. Chat messages go through the chat template, where no content becomes
    a special token; plain text stays as its author formatted it (special tokens in it count).

    Args:
        chat: The model's chat format.
        prompt: Chat turns, or text.
        answer: The response; where it was cut, no end token follows it.
        max_length: Longest prompt and response, in tokens. What is too long loses the prompt's
            left end (but not BOS), then the response's right end.
        row: Named in messages to the user.
        thinking: Whether the model was to think when it wrote the response.

    Raises:
        UserError: If nothing would be left of the response, or there is no token before it.
    """
    thought = 0
    if isinstance(prompt, str):
        before, after, moved = _encode_text(chat, prompt, answer)
    else:
        whole = chat.answered_ids(prompt, answer, thinking)
        if answer.thought is not None or chat.opens_thought(prompt, thinking):
            thought = whole.own - whole.start
        before, after, moved = whole.ids[: whole.start], whole.ids[whole.start :], whole.moved
    if not before:
        raise UserError(f"row {row} has a prompt without a single token; remove the row")
    bos = 1 if len(before) > 1 and before[0] == chat.tokenizer.bos_token_id else 0
    room = max_length - len(after)
    cut_prompt = min(max(0, len(before) - room), len(before) - 1 - bos)
    kept = [*before[:bos], *before[bos + cut_prompt :]]
    cut_response = max(0, len(kept) + len(after) - max_length)
    if cut_response >= len(after):
        raise UserError(
            f"row {row}: nothing is left of the response within max_length {max_length}; raise it"
        )
    ids = np.asarray([*kept, *after[: len(after) - cut_response]], dtype=np.int32)
    thought = min(thought, len(ids) - len(kept))
    return Encoded(ids, len(kept), cut_prompt, cut_response, moved, thought)


def _encode_text(
    chat: ChatFormat, prompt: str, answer: Answer
) -> tuple[list[int], list[int], bool]:
    tokenizer = chat.tokenizer
    alone = _one_bos(tokenizer(prompt)["input_ids"], tokenizer.bos_token_id)
    whole = _one_bos(tokenizer(prompt + answer.text)["input_ids"], tokenizer.bos_token_id)
    eos = tokenizer.eos_token_id
    if alone and alone[-1] == eos and not prompt.endswith(str(tokenizer.eos_token)):
        alone = alone[:-1]
    if whole and whole[-1] == eos and not answer.text.endswith(str(tokenizer.eos_token)):
        whole = whole[:-1]  # The tokenizer adds one to whatever it encodes.
    if eos is not None and not answer.cut and (not whole or whole[-1] != eos):
        whole = [*whole, int(eos)]
    boundary = 0
    while boundary < min(len(alone), len(whole)) and alone[boundary] == whole[boundary]:
        boundary += 1
    return whole[:boundary], whole[boundary:], boundary < len(alone)


def _one_bos(ids: Sequence[int], bos: int | None) -> list[int]:
    """Drops the BOS that a tokenizer adds to a text which spells out its own."""
    return list(ids[1:]) if len(ids) > 1 and ids[0] == ids[1] == bos else list(ids)
