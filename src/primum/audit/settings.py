"""The settings that a recipe takes from an audit."""

from collections.abc import Sequence
from pathlib import Path

from primum.audit.result import read_audit
from primum.constitution import load_constitution
from primum.errors import UserError
from primum.recipe import load_recipe


def settings_from_audit(
    file: Path, *, model: str, constitution: str, recipe: str | None, overrides: Sequence[str]
) -> tuple[str, ...]:
    """τ and δ as overrides, to stand before the user's own.

    Args:
        file: An `audit.json`.
        model: What is to be aligned.
        constitution: By which constitution, a name or a file.
        recipe: With which recipe.
        overrides: The user's own settings.

    Raises:
        UserError: If the file holds no audit, the audit is of another model, judge or
            constitution, or it has neither τ nor δ to suggest.
    """
    audit = read_audit(file)
    if audit.model != model:
        raise _of_another(file, "model", f" ({audit.model}, not {model})")
    judge = load_recipe(recipe, overrides).judging
    if audit.judge != judge:
        names = [name for name in type(judge).model_fields if _differs(audit.judge, judge, name)]
        raise _of_another(file, "judge", f" (judging.{names[0]} differs)")
    if audit.constitution_fingerprint != load_constitution(constitution).fingerprint:
        raise _of_another(file, "constitution", "")
    suggestion = audit.suggestion
    settings = []
    if suggestion.tau is not None:
        settings.append(f"denoising.tau={suggestion.tau!r}")
    if suggestion.delta is not None:
        settings.append(f"pairing.delta={suggestion.delta!r}")
    if not settings:
        raise UserError(
            f"{file} suggests neither τ ({suggestion.tau_rule}) nor δ ({suggestion.delta_rule})"
        )
    return tuple(settings)


def _differs(one: object, other: object, name: str) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


def _of_another(file: Path, what: str, how: str) -> UserError:
    return UserError(f"{file} is an audit of another {what}{how}; run primum audit again")
