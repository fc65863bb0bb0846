"""What a folder holds, by id; looked for again now and then, since runs come and go."""

import threading
import time
from pathlib import Path

from primum.errors import UserError
from primum.view.folders import Folders, Found, find
from primum.view.overview import Overview, overview

_EVERY = 2.0
"""Seconds for which what was found is not looked for again. A choice."""


class Shelf:
    """What a folder holds.

    Args:
        root: The folder.

    Attributes:
        root: The folder, without links on the way to it.

    Raises:
        UserError: If it is no folder, or holds nothing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve() if root.is_dir() else root
        self._lock = threading.Lock()
        self._folders = find(self.root)
        self._looked = time.monotonic()
        if not self._folders.found:
            raise UserError(
                f"{root} holds no run, comparison or audit; name the folder that --out has named, "
                "or one above it"
            )

    def get(self, name: str) -> Found | None:
        """What has an id; None where nothing has it."""
        return next((each for each in self.folders().found if each.id == name), None)

    def overview(self) -> Overview:
        """All of it, a row each, as it is now."""
        return overview(self.folders(), self.root)

    def folders(self) -> Folders:
        """All that there is, looked for again where that was some seconds ago."""
        with self._lock:
            if time.monotonic() - self._looked >= _EVERY:
                self._folders, self._looked = find(self.root), time.monotonic()
            return self._folders
