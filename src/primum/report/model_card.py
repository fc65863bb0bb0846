"""The run's `README.md`: a model card for the Hugging Face hub."""

from pathlib import Path
from typing import Any

import yaml

from primum.recipe import dump_recipe
from primum.report.data import RunData
from primum.report.drawing.text import count, hub_name, model_name, percent, plural
from primum.report.effects import banner, effects
from primum.report.funnel import funnel
from primum.report.judge import judge_name
from primum.report.markdown import code, fenced, table
from primum.report.pairing import pair_facts
from primum.store.files import write_text

_BUNDLED = {
    "bundled:smollm2-135m": {
        "base_model": "HuggingFaceTB/SmolLM2-135M-Instruct",
        "license": "apache-2.0",
    }
}

_ABOUT = """\
The model was improved by priority alignment (SPA, [arXiv 2511.06222](https://arxiv.org/abs/2511.06222)),
without human labels: it drew candidate answers, judged them on every objective, wrote a refinement
and judged that. Prompts whose judgements were inconsistent or uninformative were dropped. From the
rest came preference pairs in lexicographic order: a later objective decides only where the earlier
ones do not. Training on these pairs gave this model."""

_LIMITS = """\
- Scores that rise here need not rise for people: the model may have learnt what pleases the judge.
  Have another judge or people check before release.
- The intervals cover the choice of held-out prompts, not other training seeds, other kinds of
  prompts, deliberate attacks, or skills that no objective names.
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
    front = yaml.safe_dump(_front_matter(data), sort_keys=False, allow_unicode=True)
    verdict = banner(data.gate)
    kind = "a PEFT adapter on the starting model" if data.recipe.training.lora else "all weights"
    names = ", then ".join(code(name) for name in data.objectives)
    return "\n\n".join(
        [
            f"---\n{front}---",
            f"# {code(model_name(data.model))}, aligned",
            f"Made with primum to be better on {names}, in this order of priority. The result is "
            f"in `model/` ({kind}).",
            f"## Verdict: {verdict.word.lower()} {verdict.symbol}",
            _effects(data),
            "Mean scores on held-out prompts by the run's own judge "
            f"({code(judge_name(data.recipe.judging, data.objectives))}). Gains are paired by "
            f"prompt, with {percent(data.gate.confidence)} confidence intervals. An "
            "objective held if its interval lies above minus the margin.",
            _endings(data),
            "## Method",
            _ABOUT,
            "## Data",
            _data(data),
            _funnel(data),
            "## Recipe",
            fenced(dump_recipe(data.recipe), "yaml"),
            "## Limits",
            _LIMITS + "\n",
        ]
    )


def _front_matter(data: RunData) -> dict[str, Any]:
    lora = data.recipe.training.lora
    hub = hub_name(data.model)
    known = _BUNDLED.get(data.model, {"base_model": hub} if hub else {})
    relation = {"base_model_relation": "adapter" if lora else "finetune"} if known else {}
    return {
        **known,
        **relation,
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


def _effects(data: RunData) -> str:
    head = ("Objective", "Before", "After", "Gain", "Interval", "Margin", "n", "Missing", "Outcome")
    return table(
        head,
        (
            (
                code(row.objective),
                row.before,
                row.after,
                row.gain,
                row.interval or "–",
                row.margin,
                str(row.n),
                str(row.missing),
                row.outcome,
            )
            for row in effects(data.gate)
        ),
    )


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
