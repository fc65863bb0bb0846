"""Prompts: what a run answers, from files, the hub, Python, or the built-in set."""

from primum.prompts.loading import PromptItem, PromptSource, load_prompts
from primum.prompts.records import Prompt, PromptSet, Split, prompt_id

__all__ = [
    "Prompt",
    "PromptItem",
    "PromptSet",
    "PromptSource",
    "Split",
    "load_prompts",
    "prompt_id",
]
