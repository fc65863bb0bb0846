"""Pydantic's findings as sentences."""

from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, Field

from primum.documents import parse_yaml, validated
from primum.errors import UserError


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Share(Part):
    quantile: float = Field(gt=0)


class Leaf(Part):
    name: str
    size: int = Field(1, ge=1)


class Whole(Part):
    cut: Annotated[float, Field(gt=0)] | Share = 1.0
    words: str | tuple[str, ...] = "all"
    leaves: tuple[Leaf, ...] = ()
    leaf: Leaf | None = None
    marks: dict[str, float] = Field(default_factory=dict)


def problem(text):
    with pytest.raises(UserError) as caught:
        validated(Whole, parse_yaml(text, "f.yaml"))
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("cut: -1", "f.yaml, line 1: cut should be greater than 0, but is -1"),
        ("cut: abc", "f.yaml, line 1: cut should be a number, but is 'abc'"),
        ("cut: [1]", "f.yaml, line 1: cut should be a number or a mapping, but is [1]"),
        ("cut:\n  quantile: 0", "f.yaml, line 2: cut.quantile should be greater than 0, but is 0"),
        ("words: 5", "f.yaml, line 1: words should be text or a list, but is 5"),
        ("words:\n- a\n- 7", "f.yaml, line 3: words.1 should be text, but is 7"),
        (
            "leaves: {}",
            "f.yaml, line 1: leaves should be a list, but is {}; begin each entry with a hyphen: "
            "`- name: …`",
        ),
        ("leaves:\n- size: 2", "f.yaml, line 2: the key 'leaves.0.name' is missing"),
        (
            "leaf: {name: a, size: 1.5}",
            "f.yaml, line 1: leaf.size should be a whole number, but is 1.5",
        ),
        ("leaf: {name: }", "f.yaml, line 1: leaf.name should be text, but is empty"),
        ("marks: {a: b}", "f.yaml, line 1: marks.a should be a number, but is 'b'"),
        ("[1, 2]", "f.yaml: the whole should be a mapping, but is [1, 2]"),
    ],
)
def test_one_sentence(text, sentence):
    assert problem(text) == sentence


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("word: a", "did you mean words?"),
        ("leaves:\n- {name: a}\n- {nme: b, name: c}", "did you mean leaves.1.name?"),
        ("leaf: {name: a, sise: 2}", "did you mean leaf.size?"),
        ("size: 2", "did you mean leaf.size?"),
        ("cut: {quantil: 0.5}", "did you mean cut.quantile?"),
        ("leaf: {name: a, zzz: 2}", "known here: name, size"),
    ],
)
def test_unknown_keys_come_with_known_ones(text, hint):
    assert "unknown key" in problem(text)
    assert hint in problem(text)


def test_mistyped_key_comes_before_the_missing_one():
    text = problem("leaf:\n  nam: a\n")
    assert text.index("unknown key 'leaf.nam'") < text.index("'leaf.name' is missing")


def test_many_problems_are_counted():
    text = problem("\n".join(["leaves:", *["- {name: a, size: 0}"] * 50]))
    assert text.count("should be") == 3
    assert text.endswith("; and 47 more")


def test_long_values_are_cut():
    assert len(problem(f"cut: {'x' * 500}")) < 200
