"""A small constitution, and items to judge by it."""

from primum.constitution import Constitution, Contrast, Objective
from primum.judging import Item
from primum.messages import Message


def objective(name, exemplars=12):
    pairs = tuple(
        Contrast(prompt=f"q{i}", better=f"{name} good {i}", worse=f"bad {i}")
        for i in range(exemplars)
    )
    return Objective(
        name=name,
        definition=f"Be {name}.",
        principles=("First.",),
        rubric={1: "poor", 10: "fine"},
        exemplars=pairs,
    )


def constitution(exemplars=12):
    return Constitution(
        name="two", objectives=(objective("kind", exemplars), objective("brief", exemplars))
    )


def item(text):
    return Item((Message("user", "hello"),), text)
