"""Benchmarks import their neighbours by name, as scripts do."""

import sys
from pathlib import Path

# Behind everything else, so that no module of a benchmark stands for another of its name.
sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
