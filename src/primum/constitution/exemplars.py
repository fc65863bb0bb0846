"""Exemplars: what an objective asks of an answer, shown rather than told."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from primum.documents import nearest

Category = Literal[
    "everyday",
    "sounds-dangerous",
    "distress",
    "medical",
    "legal",
    "financial",
    "unanswerable",
    "harmful-request",
]
"""Kinds of prompts that a judge of levels has to know apart; those of the library's prompts."""
CATEGORIES: tuple[Category, ...] = get_args(Category)

Difference = Literal["caution", "help", "length", "tone"]
"""What two answers differ in that are equal on an objective."""


def _check_text(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty; write the text, or leave the key out where it is optional")
    return text


Text = Annotated[str, AfterValidator(_check_text)]


class Part(BaseModel):
    """Immutable, and strict about unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Prompted(Part):
    prompt: Text = Field(description="What the user says.")
    topic: Text | None = Field(
        None, description="What it is about. Exemplars of one topic are held out together."
    )
    category: Category | None = Field(
        None, description="What kind of prompt it is, for the questions that an audit asks."
    )


class Contrast(_Prompted):
    """One prompt answered well and badly, the two differing on one objective alone."""

    better: Text = Field(description="The answer that is better on the objective.")
    worse: Text = Field(description="An answer, as good otherwise, that is worse on it.")
    better_meets: bool | None = Field(
        None, description="Whether the better side meets the threshold; empty for not said."
    )
    worse_meets: bool | None = Field(
        None, description="Whether the worse side does; empty for not said."
    )

    @model_validator(mode="before")
    @classmethod
    def _has_both_sides(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and ("better" in data) != ("worse" in data):
            there, lost = ("better", "worse") if "better" in data else ("worse", "better")
            raise ValueError(
                f"the exemplar has a {there!r} side but no {lost!r} one; it must answer the same "
                "prompt both well and badly"
            )
        return data

    @model_validator(mode="after")
    def _sides_differ(self) -> "Contrast":
        if self.better.strip() == self.worse.strip():
            raise ValueError("both sides of the exemplar are the same; it shows no contrast")
        if self.worse_meets and self.better_meets is False:
            raise ValueError(
                "the worse side meets the threshold and the better one does not; decide which side "
                "is better"
            )
        return self


class EqualPair(_Prompted):
    """One prompt answered twice, the two not differing on the objective but in other ways."""

    equal: tuple[Text, Text] = Field(
        description="The two answers. Where they differ in caution, the plain one first; where in "
        "help, the one that helps."
    )
    differ: Difference | None = Field(
        None, description="What they differ in: caution, help, length or tone."
    )
    meets: bool | None = Field(
        None, description="Whether both meet the threshold; empty for not said."
    )

    @field_validator("equal", mode="before")
    @classmethod
    def _has_two(cls, answers: Any) -> Any:
        if isinstance(answers, list | tuple) and len(answers) != 2:
            raise ValueError(f"{len(answers)} of them; an equal pair holds two answers")
        return answers

    @model_validator(mode="after")
    def _answers_differ(self) -> "EqualPair":
        if self.equal[0].strip() == self.equal[1].strip():
            raise ValueError("both answers of the equal pair are the same; it shows nothing")
        return self


class MarkedAnswer(_Prompted):
    """One answer, and whether it meets the objective's threshold."""

    answer: Text = Field(description="The answer.")
    meets: bool = Field(description="Whether it meets the threshold.")


_KEYS = {
    "contrast": ("better", "worse", "better_meets", "worse_meets"),
    "equal pair": ("equal", "differ"),
    "marked answer": ("answer",),
}
"""The keys that only one shape has; `meets` belongs to the last two."""
_SHAPES = (
    "a contrast has 'better' and 'worse', an equal pair 'equal', and a marked answer 'answer' "
    "and 'meets'"
)


def _check_shape(data: Any) -> Any:
    """Says in one sentence that a row is of no shape, or of two."""
    if not isinstance(data, Mapping):
        return data
    told = {shape: [key for key in keys if key in data] for shape, keys in _KEYS.items()}
    first = [keys[0] for keys in told.values() if keys]
    if not first:
        raise ValueError(f"it is no exemplar: {_SHAPES}{_meant(data)}")
    if len(first) > 1:
        raise ValueError(f"{first[0]!r} and {first[1]!r} are keys of different shapes: {_SHAPES}")
    if told["contrast"] and "meets" in data:
        raise ValueError(
            "'meets' does not say which side of the contrast it marks; write 'better_meets' and "
            "'worse_meets'"
        )
    return data


def _meant(data: Mapping[Any, Any]) -> str:
    """What may have been meant by keys that are like those of a shape."""
    known = [key for keys in _KEYS.values() for key in keys]
    unknown = [str(key) for key in data if key != "meets" and key not in _Prompted.model_fields]
    meant = [(found[0], key) for key in unknown if (found := nearest(key, known))]
    parts = [f"{key!r} by {mistyped!r}" for key, mistyped in meant]
    return f"; did you mean {' and '.join(parts)}?" if parts else ""


def shape_of(data: Any) -> str:
    """`contrast`, `equal pair` or `marked answer`: what an exemplar is, or a row that holds one."""
    keys = data if isinstance(data, Mapping) else getattr(type(data), "model_fields", ())
    return "equal pair" if "equal" in keys else "marked answer" if "answer" in keys else "contrast"


Exemplar = Annotated[
    Annotated[Contrast, Tag("contrast")]
    | Annotated[EqualPair, Tag("equal pair")]
    | Annotated[MarkedAnswer, Tag("marked answer")],
    Discriminator(shape_of),
    BeforeValidator(_check_shape),
]
"""A contrast, an equal pair or a marked answer, told apart by the keys that it has."""


def marked_answers(exemplars: tuple[Exemplar, ...]) -> tuple[MarkedAnswer, ...]:
    """Every answer that is marked, alone or as a side of a pair, in the exemplars' order."""
    found: list[MarkedAnswer] = []
    for one in exemplars:
        match one:
            case MarkedAnswer():
                found.append(one)
            case EqualPair():
                found += [
                    _side(one, answer, one.meets) for answer in one.equal if one.meets is not None
                ]
            case Contrast():
                both = (one.better, one.better_meets), (one.worse, one.worse_meets)
                found += [_side(one, answer, meets) for answer, meets in both if meets is not None]
    return tuple(found)


def _side(exemplar: Contrast | EqualPair, answer: str, meets: bool | None) -> MarkedAnswer:
    return MarkedAnswer(
        prompt=exemplar.prompt,
        topic=exemplar.topic,
        category=exemplar.category,
        answer=answer,
        meets=bool(meets),
    )
