"""What of the pages is not run, and why. All of it is read all the same: options, names, settings.

An entry is a page and what stands in the command or block; "" for every page or every command.
"""

Entry = tuple[str, str, str]

COMMANDS: tuple[Entry, ...] = (
    ("", "primum view ", "serves until it is stopped; tests/view has it"),
    (
        "docs/first-hour.md",
        "primum init clinic --domain",
        "the folder is full; tests/setup",
    ),
    ("docs/first-hour.md", "primum audit ", "fits probes many times; tests/audit has it"),
    ("", "--install-completion", "writes to the home folder; tests/cli/setup has it"),
    ("", "primum compare ", "several whole runs; tests/compare has one"),
    ("docs/options.md", "", "the examples of --help; tests/cli/test_examples.py reads them"),
    ("docs/paper.md", "", "8B models, gated data and a judge of OpenAI's"),
    ("", "primum mark add ", "takes a sheet that a person has marked; tests/marking has one"),
    ("", "--yes", "sends to the hub; tests/export has it without a network"),
    ("", "--cluster", "a Ray cluster; tests/engines/ray has one"),
    ("", "training.accelerate=", "several processes; tests/training has them, slow"),
    ("", "primum evaluate mt-bench", "a judge of OpenAI's; tests/proof has one"),
    ("", "--dry-run", "reads a configuration from the hub; tests/cli/test_costs.py has it"),
    ("", "meta-llama/", "an 8B model; the tiny one has the other runs"),
    ("docs/engines.md", "primum align ", "vLLM, a server, a cluster; tests/engines has them"),
    ("docs/methods.md", "primum align ", "a method's whole run; tests/run/test_losses_asked.py"),
    ("docs/recipes.md", "clinic.yaml+methods/dpo", "a method's whole run, likewise"),
    ("", "engine.kind=vllm", "a GPU, or vLLM's CPU build; make test-vllm"),
    ("", "--recipe-from-audit", "a whole run; tests/audit has the settings that it takes"),
    ("docs/quickstart.md", "align seed", "what make align runs, with the bundled model"),
    ("docs/prompts.md", "align xstest", "a whole run; tests/prompts/named reads the copy"),
    ("docs/prompts.md", "align safe-rlhf", "loads from the hub; tests/cli/test_readme_recipes.py"),
)

PYTHON: tuple[Entry, ...] = (
    ("docs/evaluate.md", "trainer.train()  # SFTTrainer", "a model and a trainer of the reader's"),
    ("docs/prompts.md", "mt_bench(", "a judge of OpenAI's; tests/evaluation has one"),
)


def reason(entries: tuple[Entry, ...], page: str, text: str) -> str | None:
    """Why something is not run; None where it is."""
    return next((why for where, what, why in entries if where in ("", page) and what in text), None)
