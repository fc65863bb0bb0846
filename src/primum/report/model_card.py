"""The run's `README.md`: a model card for the Hugging Face hub."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from primum.engines.models.origin import Origin, origin_of
from primum.recipe import Recipe, dump_recipe
from primum.report.data import RunData
from primum.report.drawing.local_paths import without_local_paths
from primum.report.drawing.text import count, model_name, plural
from primum.report.funnel import funnel
from primum.report.markdown import code, fenced, table
from primum.report.pairing import pair_facts
from primum.report.proof.banner import banner
from primum.report.proof.markdown_tables import (
    broken_list,
    effects_table,
    guards_table,
    intervals_sentence,
    judges_list,
)
from primum.report.untrained import how_made, way_named
from primum.store.files import write_text

_ABOUT = """\
The model was improved by priority alignment (SPA, [arXiv 2511.06222](https://arxiv.org/abs/2511.06222)),
without human labels: it drew candidate answers, judged them on every objective, wrote a refinement
and judged that. Prompts whose judgements were inconsistent or uninformative were dropped. From the
rest came preference pairs in lexicographic order: a later objective decides only where the earlier
ones are equal, or met by both answers. Training on these pairs gave this model."""

_LIMITS = """\
- Scores that rise here need not rise for people, even by judges that did not teach the model. Have
  people mark some answers before release.
- The intervals cover the choice of held-out prompts, and training seeds only where several were
  trained; not other kinds of prompts, deliberate attacks, or skills that no objective and no guard
  names.
- Nothing here makes the model safe for unsupervised use. It keeps the limits and the licence of
  the model it started from."""


def write_model_card(data: RunData, path: Path) -> None:
    """Writes the model card, whole or not at all.

    It holds no prompt and no answer, since people publish it: those are in the report.

    Args:
        data: The finished run.
        path: Where the card goes.
    """
    write_text(path, model_card(data))


def model_card(data: RunData) -> str:
    """The model card as Markdown with a YAML front matter."""
    if data.training is None:
        result = "There is no new model: the starting model is as it was."
        return with_front_matter({"tags": ["primum"]}, card_body(data, result))
    kind = "a PEFT adapter on the starting model" if data.recipe.training.lora else "all weights"
    fields = card_fields(data, origin_of(data.model))
    return with_front_matter(fields, card_body(data, f"The result is in `model/` ({kind})."))


def with_front_matter(fields: Mapping[str, Any], body: str) -> str:
    """A card's text, with its metadata at the head."""
    front = yaml.safe_dump(dict(fields), sort_keys=False, allow_unicode=True)
    return f"---\n{front}---\n\n{body}"


def card_body(data: RunData, result: str) -> str:
    """What people read of a card; no path of this machine, and no address of a server.

    Args:
        data: The finished run.
        result: A sentence in Markdown that says where the model is, and of what kind.
    """
    verdict = banner(data.gate)
    names = ", then ".join(code(name) for name in data.objectives)
    text = "\n\n".join(
        [
            f"# {code(model_name(data.model))}, {way_named(data.recipe)}",
            f"Made with primum to be better on {names}, in this order of priority. {result}",
            f"## Verdict: {verdict.word.lower()} {verdict.symbol}",
            *([broken_list(data.gate)] if data.gate.broken else []),
            effects_table(data.gate),
            intervals_sentence(data.gate),
            *([code(data.gate.power)] if data.gate.power else []),
            _endings(data),
            guards_table(data.gate),
            "## Judges",
            judges_list(data.gate),
            "## Method",
            *(_trained(data) if data.training else _untrained(data)),
            "## Recipe",
            fenced(dump_recipe(_published(data.recipe)), "yaml"),
            "## Limits",
            _LIMITS + "\n",
        ]
    )
    return without_local_paths(text)


def _trained(data: RunData) -> list[str]:
    """How the model was made."""
    return [_ABOUT, "## Data", _data(data), _funnel(data)]


def _untrained(data: RunData) -> list[str]:
    """How the answers were made where no model was."""
    said = how_made(data.recipe)
    prompts = plural(data.tables["evaluation"].num_rows, "held-out prompt")
    goals = f"The constitution is {code(data.constitution_name)}."
    return [f"{said[:1].upper()}{said[1:]}.", "## Data", f"{prompts}. {goals}"]


def _published(recipe: Recipe) -> Recipe:
    """The recipe without the addresses of servers, which are nobody else's affair."""
    server = recipe.engine.openai.model_copy(update={"base_url": None})
    engine = recipe.engine.model_copy(update={"openai": server, "cluster": None})
    return recipe.model_copy(update={"engine": engine})


def card_fields(data: RunData, origin: Origin) -> dict[str, Any]:
    """The card's metadata, in the hub's words.

    Args:
        data: The finished run.
        origin: What is known of the model that it started from.
    """
    lora = data.recipe.training.lora
    base = {
        "base_model": origin.name,
        "base_model_relation": "adapter" if lora else "finetune",
    }
    return {
        **(base if origin.name else {}),
        **origin.licence,
        **({"language": list(origin.languages)} if origin.languages else {}),
        "library_name": "peft" if lora else "transformers",
        "pipeline_tag": "text-generation",
        "tags": [
            "primum",
            "priority-alignment",
            "preference-optimization",
            data.recipe.training.loss,
            *(["lora"] if lora else []),
        ],
    }


def _endings(data: RunData) -> str:
    """How many of the answers before and after were cut, which every card says."""
    before, after = data.gate.endings
    return (
        f"Of the answers to {plural(before.total, 'held-out prompt')}, {count(before.cut)} before "
        f"and {count(after.cut)} after were cut at {data.recipe.evaluation.max_tokens} tokens; "
        f"{count(before.missing)} and {count(after.missing)} are missing."
    )


def _data(data: RunData) -> str:
    facts = pair_facts(data)
    decided = ", ".join(f"{count(found)} by {code(name)}" for name, found in facts.decided_by)
    return (
        f"{plural(data.tables['verdicts'].num_rows, 'training prompt')} and "
        f"{plural(data.tables['evaluation'].num_rows, 'held-out prompt')}; "
        f"{plural(facts.pairs, 'preference pair')} from {plural(facts.prompts, 'prompt')}, decided "
        f"{decided}. The constitution is {code(data.constitution_name)}."
    )


def _funnel(data: RunData) -> str:
    return table(
        ("Step", "Left", "Dropped, and why"),
        (
            (
                step.name,
                count(step.count),
                ", ".join(f"{count(found)} {code(reason)}" for reason, found in step.dropped)
                or "–",
            )
            for step in funnel(data.tables)
        ),
    )
