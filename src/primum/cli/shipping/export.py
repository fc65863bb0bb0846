"""`primum export`: the model of a run in a form that others can use."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from primum.export.entry import Export


def export(
    run: Annotated[Path, typer.Argument(help="A finished run.")],
    merged: Annotated[
        Path | None, typer.Option("--merged", help="A new folder for all weights.")
    ] = None,
    adapter: Annotated[
        Path | None, typer.Option("--adapter", help="A new folder for the adapter alone.")
    ] = None,
    gguf: Annotated[
        Path | None, typer.Option("--gguf", help="A new folder for one GGUF file.")
    ] = None,
    dtype: Annotated[
        Literal["base", "float32", "bfloat16", "float16"],
        typer.Option(
            "--dtype", help="Number format of the weights; base is that of the base's files."
        ),
    ] = "base",
    base: Annotated[
        str | None,
        typer.Option("--base", help="The hub's name of the base, where the run had a folder."),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option("--dataset", help="The hub's data set that holds the held-out prompts."),
    ] = None,
    converter: Annotated[
        Path | None, typer.Option("--converter", help="llama.cpp's convert_hf_to_gguf.py.")
    ] = None,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify", help="Compare its answers and scores with those of the run's model."
        ),
    ] = False,
    despite_gate: Annotated[
        bool, typer.Option("--despite-gate", help="Export a model that the gate has failed.")
    ] = False,
) -> None:
    """Write the model of a finished run, with its card, into a new folder.

    Name one form: --merged, --adapter or --gguf.
    """
    from primum.errors import UserError
    from primum.run.directory import check_finished

    wanted = [
        (form, out)
        for form, out in (("merged", merged), ("adapter", adapter), ("gguf", gguf))
        if out is not None
    ]
    if len(wanted) != 1:
        raise UserError("name one form and its folder: --merged OUT, --adapter OUT or --gguf OUT")
    form, out = wanted[0]
    if form == "adapter" and dtype != "base":
        raise UserError("--dtype goes with --merged or --gguf; an adapter is copied as it is")
    if form != "gguf" and converter is not None:
        raise UserError("--converter goes with --gguf")
    check_finished(run)
    from primum.export.entry import export_run

    made = export_run(
        run,
        form,  # type: ignore[arg-type]
        out,
        dtype=dtype,
        base=base,
        dataset=dataset,
        converter=converter,
        despite_gate=despite_gate,
    )
    typer.echo(f"{made.path} holds the model ({form}).")
    for note in made.notes:
        typer.echo(f"Note: {note}.", err=True)
    if verify:
        _verify(made)


def _verify(made: "Export") -> None:
    """Prints how the export compares with the run.

    Raises:
        UserError: If its answers are not those of the run's model.
    """
    from primum.cli.progress import ConsoleProgress
    from primum.errors import UserError
    from primum.export.verify import verify

    with ConsoleProgress() as progress:
        found = verify(made, progress)
    typer.echo(
        f"export_difference: {found.difference:g} ({found.prompts} greedy answers in float32)"
    )
    if found.rounding is not None:
        typer.echo(
            f"Rounding the weights for the export changed {found.rounding:.0%} of the answers; "
            "--dtype float32 rounds nothing."
        )
    for name, gain in found.scores.items():
        typer.echo(f"{name}: {'a score is missing' if gain is None else f'{gain:+.3f} points'}")
    if found.difference > 0:
        raise UserError(
            f"{made.path} answers otherwise than the model of the run ({found.difference:.1%} of "
            f"{found.prompts} answers), so do not ship it; please report this"
        )
