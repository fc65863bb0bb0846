"""The marks that models write around their thoughts."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ThoughtMarks:
    """What a model writes around a thought, white space included.

    `opening + thought + closing + answer's text + ending` is a whole turn.

    Attributes:
        opening: Stands before the thought.
        closing: Stands between the thought and the answer.
        answer: What opens an answer also where nothing was thought: the end of `closing`.
        ending: Stands behind the answer.
    """

    opening: str
    closing: str
    answer: str = ""
    ending: str = ""

    @property
    def end_of_thought(self) -> str:
        """The closing mark without what opens the answer."""
        return self.closing.removesuffix(self.answer)


FAMILIES = (
    ThoughtMarks(  # gpt-oss
        "<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>final<|message|>",
        answer="<|channel|>final<|message|>",
    ),
    ThoughtMarks(  # Hunyuan
        "<think>\n", "\n</think>\n<answer>\n", answer="<answer>\n", ending="\n</answer>"
    ),
    ThoughtMarks("<think>\n", "\n</think>\n\n"),  # Qwen3, DeepSeek-R1, GLM, Nemotron, SmolLM3
    ThoughtMarks("<thought>\n", "\n</thought>\n\n"),  # EXAONE Deep
    ThoughtMarks("<|START_THINKING|>", "<|END_THINKING|>"),  # Command A
    ThoughtMarks("[THINK]", "[/THINK]"),  # Magistral
    ThoughtMarks("<seed:think>", "</seed:think>"),  # Seed-OSS
    ThoughtMarks("◁think▷", "◁/think▷"),  # Kimi
    ThoughtMarks("<|channel>thought\n", "<channel|>"),  # Gemma 4
    ThoughtMarks("<reasoning>\n", "\n</reasoning>\n\n"),
    ThoughtMarks("<thinking>\n", "\n</thinking>\n\n"),
)
"""The marks of model families, as their templates write them; the first that fits is taken."""


def find_marks(template: str, added: Collection[str]) -> ThoughtMarks | None:
    """The marks that a model uses; None where it has none.

    Args:
        template: Its chat template. A model thinks between marks of which the template knows the
            closing one, be it only to cut thoughts out of earlier turns.
        added: The texts of its added tokens. A model also thinks between marks that are both
            tokens of their own. A text that neither knows is no mark.
    """
    for marks in FAMILIES:
        opening, closing = marks.opening.strip(), marks.end_of_thought.strip()
        if marks.answer:
            parts = (opening, marks.answer.strip(), marks.ending.strip())
            if all(part in template for part in parts):
                return marks
        elif closing in template or {opening, closing} <= set(added):
            return marks
    return None
