"""The command line."""

from primum.cli.main import main

__all__ = ["main"]
