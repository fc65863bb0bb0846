"""The commands that make a run again, and that work out its verdict again."""

import shlex
from collections.abc import Mapping
from typing import Any

from primum.report.data import RunData
from primum.report.drawing.text import plain


def run_again(data: RunData) -> str:
    """The command, for a shell in the run's folder, that makes the same run anew.

    `prompts.parquet` holds the prompts with their splits, `constitution.yaml` the constitution and
    `recipe.yaml` every setting with the seed: the folder needs nothing else but the model.
    """
    words = (
        *("primum", "align", "prompts.parquet", "--model", data.model),
        *("--constitution", "constitution.yaml", "--recipe", "recipe.yaml", "--out", "again"),
    )
    return shlex.join(plain(word) for word in words)


def install_command(environment: Mapping[str, Any]) -> str:
    """The command that installs the same versions; empty where the manifest names none.

    A version's local part, such as that of `2.13.0+cpu`, names a build and no release.
    """
    packages = environment.get("packages")
    if not isinstance(packages, Mapping):
        return ""
    wanted = [
        f"{name}=={str(version).partition('+')[0]}" for name, version in packages.items() if version
    ]
    return shlex.join(map(plain, ["pip", "install", *wanted])) if wanted else ""


VERIFY = "primum gate . --replay"
"""Works out every figure of the verdict again from the tables, and compares the hashes."""
