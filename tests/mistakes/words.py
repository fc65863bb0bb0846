"""Mistakes with the words of a command."""

from tests.mistakes.place import Mistake

_REST = "--model ./my-model --out runs/first"

MISTAKES = (
    Mistake("The command with a typing error", f"primum aling prompts.txt {_REST}"),
    Mistake(
        "An option with a typing error",
        "primum align prompts.txt --modle ./my-model --out runs/first",
    ),
    Mistake("A hyphen from a word processor", f"primum align prompts.txt {_REST} –-recipe paper"),
    Mistake("No --model", "primum align prompts.txt --out runs/first"),
    Mistake("No prompts", f"primum align {_REST} training.epochs=2"),
    Mistake("An option without its value", f"primum align prompts.txt {_REST} --recipe"),
    Mistake("--json without --dry-run", f"primum align prompts.txt {_REST} --json"),
)
