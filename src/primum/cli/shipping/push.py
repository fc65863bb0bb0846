"""`primum push`: an export's way to the hub; without --yes it only says what would go."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from primum.export.card import Form
    from primum.export.push import Push


def push(
    export: Annotated[
        Path, typer.Argument(help="The folder of an export, or a finished run.", metavar="FOLDER")
    ],
    repo: Annotated[str, typer.Argument(help="The repository, as OWNER/NAME.")],
    private: Annotated[
        bool, typer.Option("--private", help="Nobody else may see the repository.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Send it; otherwise only say what.")] = False,
    despite_gate: Annotated[
        bool, typer.Option("--despite-gate", help="Send a run whose gate says fail.")
    ] = False,
) -> None:
    """Say what would be sent to the Hugging Face hub; with --yes, send it.

    Of a run, its adapter is sent, or all weights where it trained them. Nothing
    but an export's own files ever leaves this machine.
    """
    import tempfile

    from primum.run.layout import MANIFEST

    if not (export / MANIFEST).exists():
        _push(export, repo, private=private, yes=yes)
        return
    from primum.run.directory import check_finished

    check_finished(export)
    from primum.engines.models.lineage import ADAPTER_CONFIG
    from primum.export.entry import export_run
    from primum.run.layout import MODEL

    form: Form = "adapter" if (export / MODEL / ADAPTER_CONFIG).exists() else "merged"
    with tempfile.TemporaryDirectory() as place:
        made = export_run(export, form, Path(place) / "export", despite_gate=despite_gate)
        for note in made.notes:
            typer.echo(f"Note: {note}.", err=True)
        _push(made.path, repo, private=private, yes=yes)


def _push(folder: Path, repo: str, *, private: bool, yes: bool) -> None:
    """Says what goes, and sends it where it is wanted.

    Args:
        folder: The export.
        repo: The repository.
        private: Whether nobody else may see it.
        yes: Whether to send it.
    """
    from primum.export.push import prepare_push, send

    ready = prepare_push(folder, repo, private=private)
    _describe(ready)
    if yes:
        typer.echo(f"Sent: {send(ready)}")
    else:
        typer.echo("Nothing was sent; --yes sends it.")


def _describe(ready: "Push") -> None:
    from primum.report.drawing.text import plain

    kind = "private" if ready.private else "public"
    typer.echo(f"To the {kind} repository {ready.repo}, made if it is not there, in one commit:")
    for name, size in ready.files:
        typer.echo(f"{size:>16,}  {name}")
    for name in ready.left:
        typer.echo(f"{'stays here':>16}  {plain(name)}")
    typer.echo("README.md:\n")
    typer.echo(plain((ready.folder / "README.md").read_text(encoding="utf-8", errors="replace")))
