"""What a language has to say. Every field is required: a language is whole, or is none."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """One way to put everything in a rating question that the constitution does not say itself.

    Attributes:
        opening: What is asked, with `{name}`, the objective's.
        scale: Introduces the scale, in front of its lowest number.
        quoting: What quoted lines are.
        examples: Heads the answers that are shown with their ratings.
        shown: Heads each of these answers.
        rated: Says its rating, with `{rating}`.
        conversation: Heads the conversation.
        answer: Heads the answer.
        cut: Said below an answer that was cut.
        closing: The question itself, with `{name}`, `{low}` and `{high}`.
        mirrored: Whether the lowest number is the best.
    """

    opening: str
    scale: str
    quoting: str
    examples: str
    shown: str
    rated: str
    conversation: str
    answer: str
    cut: str
    closing: str
    mirrored: bool


@dataclass(frozen=True, slots=True)
class DuelWording:
    """Everything in such a question that the constitution does not say itself.

    Attributes:
        opening: What is asked, with `{name}`, the objective's.
        quoting: What quoted lines are.
        conversation: Heads the conversation.
        answers: Head the two answers, which are called A and B.
        closing: The question itself, with `{name}`.
    """

    opening: str
    quoting: str
    conversation: str
    answers: tuple[str, str]
    closing: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words by which a rating is found in a reply, as alternatives of regular expressions.

    Attributes:
        numbers: Zero to ten.
        half: What follows a spelled number to add a half.
        between: What stands before the first and before the second of two numbers.
        joiners: What stands between the ends of a range.
        out_of: What stands before the scale's end, as in "7 out of 10".
        units: What is counted.
        spans: What stands before and between the ends of the scale where it is named.
        labels: What a rating is called.
        verbs: What is done with it.
        fillers: Words between these and the number that say nothing.
        finals: What makes a rating the last word.
        limits: Words right before a number that make it an end of the scale.
        elsewhere: Words right before a number that make it the number of something else.
        clauses: What a new clause begins with.
        alone: Words that may stand before a rating on a line of its own.
    """

    numbers: tuple[str, str, str, str, str, str, str, str, str, str, str]
    half: str
    between: tuple[str, str]
    joiners: str
    out_of: str
    units: str
    spans: tuple[str, str]
    labels: str
    verbs: str
    fillers: str
    finals: str
    limits: str
    elsewhere: str
    clauses: str
    alone: str


@dataclass(frozen=True, slots=True)
class Language:
    """One language.

    Attributes:
        code: Its code of BCP 47, such as `en`.
        name: Its name in English.
        system_prompts: Under which candidates are sampled; an empty one is the model's own.
        refinement: The request to improve, with `{goals}`, `{low}`, `{high}` and `{answers}`.
        constitution: The constitution as a system prompt, with `{goals}`.
        roles: What the speakers of a quoted conversation are called.
        wordings: Of the rating question: plain, mirrored, in other words, and these mirrored.
        duel: Of the question which of two answers is better.
        replies: In which form the rating is wanted: the number `alone`, or `named`.
        ends: What the ends of a scale without a rubric mean, with `{name}`.
        to: Between the ends of a scale.
        mirrored_ends: Said behind the lowest and the highest number of a mirrored scale.
        vocabulary: For reading replies.
    """

    code: str
    name: str
    system_prompts: tuple[str, ...]
    refinement: str
    constitution: str
    roles: Mapping[str, str]
    wordings: tuple[Wording, Wording, Wording, Wording]
    duel: DuelWording
    replies: Mapping[str, str]
    ends: tuple[str, str]
    to: str
    mirrored_ends: tuple[str, str]
    vocabulary: Vocabulary
