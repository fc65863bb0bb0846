"""What `primum init` says in the terminal."""

from primum.report.drawing.text import plain
from primum.setup.init.writing import CONSTITUTION, PROMPTS, RECIPE, NewDomain


def written_summary(made: NewDomain) -> str:
    """The files that were written, and the two commands that come next.

    Args:
        made: What was written.
    """
    audit, align = made.commands
    folder = made.folder
    return plain(
        f"""\
{folder / PROMPTS}: {made.prompts} example prompts of primum's. Put a few hundred of your own in
  their place: a text and, if you like, a category each (docs/prompts.md).
{folder / CONSTITUTION}: {", then ".join(made.answers.order)}. Its comments say what to change.
{folder / "exemplars"}: {made.exemplars:,} exemplars of primum's, of which a probe learns to judge.
{folder / RECIPE}: made of the built-in recipe {made.base!r}, for {made.answers.model}.

Next, ask how far the model can be trusted as a judge, then align it:
{audit}
{align}"""
    )
