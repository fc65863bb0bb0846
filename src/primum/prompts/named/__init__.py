"""Public data sets, and a user's own, by name."""

from primum.prompts.named.known import DATASETS, NamedSet, Upstream
from primum.prompts.named.loading import NamedPrompts, named_prompts, named_rows
from primum.prompts.named.local import DATA_DIR, data_folder, local_files
from primum.prompts.named.upstream import upstream_rows

__all__ = [
    "DATASETS",
    "DATA_DIR",
    "NamedPrompts",
    "NamedSet",
    "Upstream",
    "data_folder",
    "local_files",
    "named_prompts",
    "named_rows",
    "upstream_rows",
]
