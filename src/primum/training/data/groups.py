"""Groups a preference data set by prompt: each distinct response is there, and forwarded, once.

n responses to one prompt make up to n(n−1)/2 pairs. The pairwise way forwards n(n−1) sequences for
them; all pair losses depend on the n responses' log-probabilities alone.
"""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from datasets import Dataset
from numpy.typing import NDArray

from primum.engines.base import Thinking
from primum.engines.models.chat import ChatFormat
from primum.engines.models.thoughts import split_text
from primum.errors import UserError
from primum.messages import Answer, Messages
from primum.recipe.losses import MARKED, GapName, LossName
from primum.training.data.encoding import Encoded, encode
from primum.training.data.preferences import Preference, read_preferences
from primum.training.losses import score_gaps

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Group:
    """One prompt with its distinct responses and the pairs among them.

    Attributes:
        rows: For each response, the row of the data set where it first stands.
        responses: Token ids of the prompt with each response.
        pairs: Indices of the preferred and the other response, shape P × 2.
        gaps: Score gap Δ of every pair, shape P; ones where there are no scores.
        met: Whether the preferred and the other response meet the first objective's threshold,
            shape P × 2; None where the loss does not ask.
        others: By how many points the preferred response is better on the objectives before the
            last, on average, shape P; None where the loss does not ask.
    """

    rows: tuple[int, ...]
    responses: tuple[Encoded, ...]
    pairs: NDArray[np.int64]
    gaps: NDArray[np.float64]
    met: NDArray[np.bool_] | None = None
    others: NDArray[np.float64] | None = None

    @property
    def lengths(self) -> tuple[int, ...]:
        """Tokens of each response with its prompt."""
        return tuple(len(response.ids) for response in self.responses)

    @property
    def shared(self) -> int:
        """Tokens of the prompt that all responses follow.

        0 where their prompts differ (by cuts, or where plain text merges with its prompt).
        """
        prompts = {response.ids[: response.start].tobytes() for response in self.responses}
        return self.responses[0].start if len(prompts) == 1 else 0


@dataclass(frozen=True)
class Groups:
    """A preference data set, ready to train on.

    Attributes:
        items: The groups, in the data set's order.
        truncated: Responses whose prompt or own text had to be cut to `max_length`.
        moved: Responses whose first token merges with the prompt's last one (plain text only).
    """

    items: tuple[Group, ...]
    truncated: int
    moved: int

    def __len__(self) -> int:
        return len(self.items)

    @property
    def pairs(self) -> int:
        """Pairs in all groups."""
        return sum(len(group.pairs) for group in self.items)

    @property
    def responses(self) -> int:
        """Distinct responses in all groups."""
        return sum(len(group.responses) for group in self.items)

    @property
    def gapless(self) -> int:
        """Pairs whose two sides have the same total score, and so weigh nothing in SPA."""
        return sum(int((group.gaps == 0).sum()) for group in self.items)

    def fingerprint(self) -> str:
        """Changes whenever a token, a pair, or what the loss knows of a pair does."""
        digest = hashlib.sha256()
        for group in self.items:
            for response in group.responses:
                digest.update(response.start.to_bytes(4, "little"))
                digest.update(response.thought.to_bytes(4, "little"))
                digest.update(response.ids.tobytes())
            digest.update(group.pairs.tobytes())
            digest.update(group.gaps.tobytes())
            for known in (group.met, group.others):
                digest.update(b"" if known is None else known.tobytes())
        return digest.hexdigest()[:16]


@dataclass
class _Draft:
    """A group while it is being collected."""

    responses: dict[Answer, int] = field(default_factory=dict)
    pairs: list[Preference] = field(default_factory=list)


def group_by_prompt(
    dataset: Dataset,
    chat: ChatFormat,
    *,
    max_length: int,
    loss: LossName,
    gap: GapName = "paper",
    thinking: Thinking = "auto",
) -> Groups:
    """Groups the rows of a preference data set by prompt, and encodes every response once.

    Args:
        dataset: TRL's preference format; see `read_preferences`.
        chat: The model's chat format.
        max_length: Longest prompt and response, in tokens.
        loss: Which loss is trained: `sft` only looks at winners, so that responses that never win
            are left out, and each pair is a winner with itself; see `read_preferences` for others.
        gap: How two responses' scores make a gap.
        thinking: Whether the model was to think when it wrote the responses.

    Raises:
        UserError: If the data set is empty or a row is unusable.
    """
    drafts: dict[Messages | str, _Draft] = {}
    mixed = 0
    chosen_only = loss == "sft"
    for row in read_preferences(dataset, loss=loss):
        preference = _thoughts_apart(row, chat, thinking)
        mixed += (preference.chosen.thought is None) != (preference.rejected.thought is None)
        draft = drafts.setdefault(preference.prompt, _Draft())
        sides = (preference.chosen,) if chosen_only else (preference.chosen, preference.rejected)
        for side in sides:
            draft.responses.setdefault(side, preference.row)
        draft.pairs.append(preference)
    if not drafts:
        raise UserError("the preference data set has no rows; there is nothing to train on")
    items = tuple(
        _group(prompt, draft, chat, max_length, loss, gap, thinking)
        for prompt, draft in drafts.items()
    )
    responses = [response for group in items for response in group.responses]
    truncated = sum(bool(r.cut_prompt or r.cut_response) for r in responses)
    moved = sum(r.moved for r in responses)
    if mixed:
        logger.warning(
            "in %d of %d pairs one side has a thought and the other has none: they teach whether "
            "to think, rather than what to say",
            mixed,
            sum(len(draft.pairs) for draft in drafts.values()),
        )
    if truncated:
        logger.warning("%d of %d responses were cut to max_length", truncated, len(responses))
    if moved:
        logger.warning(
            "in %d of %d responses the tokenizer merges the prompt's end with the response's "
            "beginning; the response counts from the merged token on",
            moved,
            len(responses),
        )
    return Groups(items, truncated, moved)


def _thoughts_apart(preference: Preference, chat: ChatFormat, thinking: Thinking) -> Preference:
    """The pair with thoughts apart that its texts hold between the model's own marks.

    Where the template writes the opening mark, the closing one ends a thought by itself.
    """
    marks, prompt = chat.marks, preference.prompt
    if marks is None or isinstance(prompt, str):
        return preference

    def apart(answer: Answer) -> Answer:
        begins = answer.text.lstrip().startswith(marks.opening.strip())
        closes = marks.end_of_thought in answer.text
        if answer.thought is not None or not (
            begins or (closes and chat.opens_thought(prompt, thinking))
        ):
            return answer
        found = split_text(answer.text, 0, marks, opened=False, cut=answer.cut)
        return answer if found.missing else replace(answer, text=found.text, thought=found.thought)

    chosen, rejected = apart(preference.chosen), apart(preference.rejected)
    return replace(preference, chosen=chosen, rejected=rejected)


def _group(
    prompt: Messages | str,
    draft: _Draft,
    chat: ChatFormat,
    max_length: int,
    loss: LossName,
    gap: GapName,
    thinking: Thinking,
) -> Group:
    index = {answer: i for i, answer in enumerate(draft.responses)}
    pairs = [
        (index[pair.chosen], index[pair.chosen if loss == "sft" else pair.rejected])
        for pair in draft.pairs
    ]
    return Group(
        rows=tuple(draft.responses.values()),
        responses=tuple(
            encode(chat, prompt, answer, max_length, row, thinking)
            for answer, row in draft.responses.items()
        ),
        pairs=np.asarray(pairs, dtype=np.int64),
        gaps=_gaps(draft.pairs, gap),
        met=np.array([pair.met for pair in draft.pairs]) if loss in MARKED else None,
        others=_others(draft.pairs) if loss == "modpo" else None,
    )


def _others(pairs: Sequence[Preference]) -> NDArray[np.float64]:
    """Mean difference of the scores on all objectives but the last."""
    chosen = np.array([pair.chosen_scores for pair in pairs])
    rejected = np.array([pair.rejected_scores for pair in pairs])
    differences: NDArray[np.float64] = (chosen - rejected)[:, :-1].mean(axis=1)
    return differences


def _gaps(pairs: Sequence[Preference], gap: GapName) -> NDArray[np.float64]:
    if pairs[0].chosen_scores is None:
        return np.ones(len(pairs))
    chosen = torch.tensor([pair.chosen_scores for pair in pairs], dtype=torch.float64)
    rejected = torch.tensor([pair.rejected_scores for pair in pairs], dtype=torch.float64)
    gaps: NDArray[np.float64] = score_gaps(chosen, rejected, gap).numpy()
    return gaps
