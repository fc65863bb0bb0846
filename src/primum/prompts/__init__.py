"""Prompts: what a run answers, from files, the hub, Python, or the built-in set."""

from primum.prompts.loading import PromptItem, PromptSource, load_prompts
from primum.prompts.named import DATASETS, NamedPrompts, named_prompts
from primum.prompts.records import Prompt, PromptSet, Split, prompt_id

__all__ = [
    "DATASETS",
    "NamedPrompts",
    "Prompt",
    "PromptItem",
    "PromptSet",
    "PromptSource",
    "Split",
    "load_prompts",
    "named_prompts",
    "prompt_id",
]
