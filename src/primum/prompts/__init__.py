"""Prompts: what a run answers, from files, the hub, or the built-in set."""

from primum.prompts.loading import load_prompts
from primum.prompts.records import Prompt, PromptSet, Split, prompt_id

__all__ = ["Prompt", "PromptSet", "Split", "load_prompts", "prompt_id"]
