"""The three files of a new domain, as texts.

What the user says of the domain gets in as quoted YAML and as JSON alone: it can neither end a line
nor become a key.
"""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from primum.constitution import CATEGORIES
from primum.documents import parse_json_lines, read_text
from primum.prompts.loading import SEED_FILE
from primum.recipe.loading import builtin_recipe_text
from primum.setup.init.answers import DomainAnswers
from primum.setup.init.base import LibraryObjective, categories_of

TRAIN = 20
HELD_OUT = 12
"""Example prompts of either split. A choice: a few of every kind, and two more held out than the
ten without which a gate shows nothing (docs/gate.md)."""

_SMALL = 3.0
"""Billions of parameters below which the recipe has a probe judge. A choice between what
docs/judges.md measured (up to 0.5, where words do not judge) and the paper's 7 to 8."""

_CONSTITUTION = """\
# What a better answer is, in strict order: a later objective decides only between answers that are
# equal on the earlier ones. docs/constitution.md says how each part is read. To make it yours:
#
# 1. Rewrite definition, principles and rubric. Models that judge in words, and the refinement, read
#    them. As they stand they are primum's, {of};
#    only the first principle of each objective names your domain.
# 2. Add exemplars. A fitted judge (judging.kind=probe) reads nothing else, and those in exemplars/
#    are primum's, {of}.
#    Until some of yours stand beside them, a probe judges what those show. Mark a hundred answers
#    of your own model in an hour:
#      primum mark draw prompts.jsonl --model MODEL --constitution constitution.yaml --out marks
#      primum mark add marks/sheet.csv --constitution constitution.yaml
# 3. Have it checked, and ask how far a model can judge by it:
#      primum constitution check constitution.yaml
#      primum audit --model MODEL --constitution constitution.yaml --recipe recipe.yaml
name: {name}
description: {domain}
language: en  # German: de, Spanish: es; then all texts here are to be in that language.
scale: {{low: 1, high: 10}}

objectives:
"""

_PRINCIPLE = (
    "The domain is this: {domain}. Judge as somebody would who answers for what is said there."
)

_RECIPE = """\
# The settings of a run. `primum recipe show recipe.yaml` prints all of them, the defaults included;
# docs/recipes.md explains each. Below stands primum's built-in recipe {base!r}, with its comments.
# {why}
# Look at these first:
#   {limit}
#   judging.kind        who judges: probe (small models) or rating-expected (models that can judge
#                       in words). `primum audit` says which one to trust.
#   training.lora       an adapter, or null for all weights; `primum align … --dry-run --fit` says
#                       what fits into your memory.
"""

_SMALL_LIMIT = """\
max_prompts         {most} here, however many you bring: enough for some minutes. Raise it."""
_LARGE_LIMIT = """\
max_prompts         unset: all your prompts count. The paper takes 300 to 400."""


def constitution_text(answers: DomainAnswers, objectives: Sequence[LibraryObjective]) -> str:
    """The constitution, with the library's texts and what is to be changed in them.

    Args:
        answers: What the user said.
        objectives: Those of the library, in the user's order.
    """
    principle = f"      - {_quoted(_PRINCIPLE.format(domain=answers.domain.rstrip('.')))}\n"
    special = objectives[0].constitution == "medical"
    head = _CONSTITUTION.format(
        of="for conversations with patients"
        if special
        else "for an assistant that is asked anything",
        name=_quoted(answers.name),
        domain=_quoted(answers.domain),
    )
    parts = [
        one.text.replace("    principles:\n", f"    principles:\n{principle}", 1)
        for one in objectives
    ]
    return head + "\n".join(parts)


def recipe_text(answers: DomainAnswers) -> tuple[str, str]:
    """The recipe, and the name of the built-in one that it is made of."""
    size = model_size(answers.model)
    small = size is not None and size < _SMALL
    base = "quickstart" if small else "paper"
    body = builtin_recipe_text(base)
    _, _, settings = body.partition(f"name: {base}\n")
    most = re.search(r"^max_prompts: (\d+)", settings, re.MULTILINE)
    why = (
        "It is made for a small model, below three billion parameters; for a larger one begin\n"
        "# with the built-in recipe 'paper'."
        if small
        else "It is made for a model of 7 to 8 billion parameters that can judge in words; for\n"
        "# one below three billion begin with the built-in recipe 'quickstart'."
    )
    limit = _SMALL_LIMIT.format(most=most[1]) if most else _LARGE_LIMIT
    head = _RECIPE.format(base=base, why=why, limit=limit)
    return f"{head}name: {_quoted(answers.name)}\n{settings}", base


def model_size(model: str) -> float | None:
    """Billions of parameters, by the model's name or the weights in its folder; None if unknown."""
    weights = Path(model).expanduser()
    if weights.is_dir():
        # Two bytes a number, as nearly all models are published.
        found = sum(file.stat().st_size for file in weights.glob("*.safetensors"))
        return found / 2e9 if found else None
    named = re.findall(r"(?<![\d.a-z])(\d+(?:\.\d+)?)([mb])(?![a-z])", model.lower())
    if not named:
        return None
    number, unit = named[-1]
    return float(number) / (1000 if unit == "m" else 1)


def prompts_text(domain: str) -> str:
    """Example prompts: those of the domain's categories first, then some of every other kind."""
    rows = [row for _, row in parse_json_lines(read_text(SEED_FILE), str(SEED_FILE))]
    own = categories_of(domain)
    chosen = [
        row
        for split, count in (("train", TRAIN), ("heldout", HELD_OUT))
        for row in _drawn([row for row in rows if row["split"] == split], own, count)
    ]
    lines = [
        json.dumps(
            {
                "id": f"example-{number:02}",
                **{key: row[key] for key in ("category", "split", "prompt")},
            },
            ensure_ascii=False,
        )
        for number, row in enumerate(chosen, start=1)
    ]
    return "\n".join(lines) + "\n"


def _drawn(rows: Sequence[dict[str, Any]], own: Sequence[str], count: int) -> list[dict[str, Any]]:
    """Half of the rows from the own categories, where there are some; the rest from all in turn.

    Args:
        rows: Of one split.
        own: Categories of the domain.
        count: How many.
    """
    waiting = defaultdict(list)
    for row in rows:
        waiting[row["category"]].append(row)
    chosen: list[dict[str, Any]] = []
    others = [category for category in CATEGORIES if category not in own]
    for categories, most in ((own, count // 2), (others, count)):
        while len(chosen) < most and any(waiting[category] for category in categories):
            for category in categories:
                if waiting[category] and len(chosen) < most:
                    chosen.append(waiting[category].pop(0))
    return chosen


def _quoted(text: str) -> str:
    """The text as one double-quoted scalar of YAML, on one line."""
    return yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf")).rstrip(
        "\n"
    )
