"""`primum view`: the runs, comparisons and audits of a folder, in a browser."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer


def view(
    folder: Annotated[
        Path, typer.Argument(help="A run, a comparison, an audit, or a folder above some.")
    ],
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes a free one.")
    ] = 0,
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Say the address, and open no browser.")
    ] = False,
) -> None:
    """Show runs, comparisons and audits in a browser, while they go on too.

    Serves the pages of a folder to this machine alone, until Ctrl-C. It only
    reads.
    """
    from primum.report.drawing.text import one_line
    from primum.view.server import ViewServer

    with ViewServer(folder, port) as server:
        typer.echo(f"{one_line(str(folder))} is shown at {server.url} until Ctrl-C.")
        sys.stdout.flush()
        if not no_open and sys.stdout.isatty() and _has_screen():
            import webbrowser

            webbrowser.open(server.url)
        server.serve_forever()


def _has_screen() -> bool:
    """Whether a browser has a screen to open on; elsewhere it might be one in the terminal."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
