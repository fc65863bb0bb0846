"""Features of an answer from a sentence encoder: the mean state of its tokens in every layer."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import torch
from transformers import AutoConfig, AutoModel, AutoTokenizer, PreTrainedModel
from transformers.tokenization_utils_base import PreTrainedTokenizerBase

from methods_words import Answered

TOKENS = 384
"""Of prompt and answer together, the longer one cut first: a choice, below what encoders can."""
BATCH = 32

Array = npt.NDArray[np.float64]


def is_encoder(model: str) -> bool:
    """Whether a model, a name or a folder, writes no text of its own."""
    architectures = AutoConfig.from_pretrained(model).architectures or ()
    return not any("CausalLM" in name for name in architectures)


@dataclass(frozen=True)
class EncoderFeatures:
    """An encoder that reads every answer once, however many judges are fitted on it."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    known: dict[Answered, Array] = field(default_factory=dict)

    @classmethod
    def load(cls, model: str) -> "EncoderFeatures":
        """Loads an encoder.

        Args:
            model: A name or a folder, such as of `sentence-transformers/all-MiniLM-L6-v2`.
        """
        loaded = AutoModel.from_pretrained(model, dtype=torch.float32).eval()
        return cls(loaded, AutoTokenizer.from_pretrained(model))

    @property
    def layers(self) -> int:
        """That are read, the embeddings besides."""
        return int(self.model.config.num_hidden_layers)

    def __call__(self, answered: Sequence[Answered]) -> Array:
        """Shape [answers, features]."""
        unknown = sorted({*answered} - self.known.keys(), key=lambda one: len(one[0] + one[1]))
        for start in range(0, len(unknown), BATCH):
            batch = unknown[start : start + BATCH]
            self.known.update(zip(batch, self._read(batch), strict=True))
        return np.stack([self.known[one] for one in answered])

    @torch.inference_mode()
    def _read(self, batch: Sequence[Answered]) -> Array:
        """The answers' own tokens in each layer, and the prompt's in the last."""
        prompts, answers = zip(*batch, strict=True)
        tokens = self.tokenizer(
            list(prompts),
            list(answers),
            truncation="longest_first",
            max_length=TOKENS,
            padding=True,
            return_tensors="pt",
            return_token_type_ids=True,
        )
        states = self.model(**tokens, output_hidden_states=True).hidden_states
        of_answer = tokens["token_type_ids"] * tokens["attention_mask"]
        of_prompt = tokens["attention_mask"] - of_answer
        means = [_mean(layer, of_answer) for layer in states] + [_mean(states[-1], of_prompt)]
        return torch.cat(means, dim=1).double().numpy()


def _mean(states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean over the tokens that a mask marks.

    Args:
        states: Shape [answers, tokens, size].
        mask: Shape [answers, tokens], ones and zeros.
    """
    weights = mask[..., None].to(states.dtype)
    return (states * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)
