"""What a constitution holds: objectives in strict order, each with all that a judge needs."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, NamedTuple

from pydantic import (
    AfterValidator,
    Field,
    FiniteFloat,
    field_validator,
    model_validator,
)

from primum.constitution.exemplars import (
    Contrast,
    EqualPair,
    Exemplar,
    MarkedAnswer,
    Part,
    Text,
    marked_answers,
)
from primum.languages import LANGUAGES

_SLUG = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
_LONGEST_SLUG = 40

LEAST_EXEMPLARS = 10
"""Contrasts that an objective needs for a probe to be fitted, or a reward model to be put on the
scale: one for each fold of the cross-validation."""


def _check_slug(name: str) -> str:
    if not _SLUG.fullmatch(name) or len(name) > _LONGEST_SLUG:
        raise ValueError(
            f"{name[: 2 * _LONGEST_SLUG]!r} is not a plain name; use lower-case letters, digits "
            f"and single hyphens, a letter first, at most {_LONGEST_SLUG} in all"
        )
    return name


Slug = Annotated[str, AfterValidator(_check_slug)]


class Scale(NamedTuple):
    """The ends of the scale on which responses are scored."""

    low: FiniteFloat = 1.0
    high: FiniteFloat = 10.0


class Objective(Part):
    """One goal.

    Attributes:
        name: An adjective that completes "How … is this answer?"; the name in tables and recipes.
        definition: What it asks of an answer; every judge and the refinement read it.
        principles: Rules, for judges that read and for the refinement.
        rubric: What some scores mean, for judges that read.
        exemplars: Contrasts, equal pairs and marked answers, for judges that are fitted or placed
            on the scale.
        threshold: The score from which on an answer meets the objective, so that more no longer
            counts and the next objective decides; None for never. It is t_k of docs/method.md,
            step 6.
    """

    name: Slug = Field(description='An adjective that completes "How … is this answer?".')
    definition: Text = Field(description="What it asks of an answer, in a few sentences.")
    principles: tuple[Text, ...] = Field(
        (), description="Rules that a judge and a writer can apply, one sentence each."
    )
    rubric: Mapping[FiniteFloat, Text] = Field(
        default_factory=dict,
        description="What an answer with this score is like, for some scores of the scale.",
    )
    exemplars: tuple[Exemplar, ...] = Field(
        (),
        description="Contrasts, equal pairs and marked answers, in place or as JSONL files beside "
        "the constitution. The probe is fitted on them.",
    )
    threshold: FiniteFloat | None = Field(
        None,
        description="The score from which on an answer meets the objective: more does not count, "
        "and the next objective decides.",
    )

    @property
    def contrasts(self) -> tuple[Contrast, ...]:
        """Those exemplars that show a better and a worse side."""
        return tuple(one for one in self.exemplars if isinstance(one, Contrast))

    @property
    def equal_pairs(self) -> tuple[EqualPair, ...]:
        """Those exemplars whose two answers are equal on the objective."""
        return tuple(one for one in self.exemplars if isinstance(one, EqualPair))

    @property
    def marked_alone(self) -> tuple[MarkedAnswer, ...]:
        """Those exemplars that mark one answer by itself."""
        return tuple(one for one in self.exemplars if isinstance(one, MarkedAnswer))

    @property
    def marked(self) -> tuple[MarkedAnswer, ...]:
        """Every answer that is marked, sides of pairs among them."""
        return marked_answers(self.exemplars)


class Constitution(Part):
    """Objectives in order of priority: a later one never justifies losing an earlier one."""

    name: Slug = Field(description="The name in reports.")
    description: str = Field("", description="For people; no model sees it.")
    language: str = Field(
        "en", description="Of all texts in it, and of what primum itself says to the model."
    )
    scale: Scale = Field(Scale(), description="The lowest and the highest score.")
    objectives: tuple[Objective, ...] = Field(description="At least two, the first one first.")

    @field_validator("language")
    @classmethod
    def _is_spoken(cls, language: str) -> str:
        if language not in LANGUAGES:
            known = ", ".join(f"{code} ({LANGUAGES[code].name})" for code in sorted(LANGUAGES))
            raise ValueError(
                f"there is no language {language[:_LONGEST_SLUG]!r}: there are {known}; "
                "docs/constitution.md says how to add one"
            )
        return language

    @field_validator("scale")
    @classmethod
    def _scale_rises(cls, scale: Scale) -> Scale:
        if scale.low >= scale.high:
            raise ValueError(f"low ({scale.low:g}) must be below high ({scale.high:g})")
        return scale

    @field_validator("objectives")
    @classmethod
    def _are_ordered(cls, objectives: tuple[Objective, ...]) -> tuple[Objective, ...]:
        if len(objectives) < 2:
            raise ValueError(
                f"a constitution orders at least two objectives, and this one has "
                f"{len(objectives)}; add what comes second, such as helpful"
            )
        counts = Counter(objective.name for objective in objectives)
        for name, count in counts.items():
            if count > 1:
                raise ValueError(f"the name {name!r} stands {count} times; give each its own")
        return objectives

    @model_validator(mode="after")
    def _is_on_scale(self) -> "Constitution":
        low, high = self.scale
        for objective in self.objectives:
            anchors = [("rubric", score) for score in objective.rubric]
            if objective.threshold is not None:
                anchors.append(("threshold", objective.threshold))
            for key, score in anchors:
                if not low <= score <= high:
                    raise ValueError(
                        f"the {key} of the objective {objective.name!r} names {score:g}, which "
                        f"is outside the scale from {low:g} to {high:g}"
                    )
        return self

    @cached_property
    def fingerprint(self) -> str:
        """Identifies the content, wherever it was loaded from: 64 hexadecimal digits.

        The description does not count, since nothing depends on it.
        """
        content = self.model_dump(mode="json", exclude={"description"})
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()
