"""The settings that a recipe takes from an audit."""

from collections.abc import Sequence
from pathlib import Path

from primum.audit.entry import read_audit
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
    content = read_audit(file)
    judging = load_recipe(recipe, overrides).judging.model_dump(mode="json")
    fingerprint = load_constitution(constitution).fingerprint
    for what, audited, wanted in (
        ("model", content.get("model"), model),
        ("judge", content.get("judge"), judging),
        ("constitution", content.get("constitution_fingerprint"), fingerprint),
    ):
        if audited != wanted:
            shown = f" ({audited}, not {wanted})" if what != "constitution" else ""
            raise UserError(f"{file} is an audit of another {what}{shown}; run primum audit again")
    suggestion = content["suggestion"]
    settings = []
    if suggestion.get("tau") is not None:
        settings.append(f"denoising.tau={suggestion['tau']!r}")
    if suggestion.get("delta") is not None:
        settings.append(f"pairing.delta={suggestion['delta']!r}")
    if not settings:
        raise UserError(
            f"{file} suggests neither τ ({suggestion.get('tau_rule')}) nor δ "
            f"({suggestion.get('delta_rule')})"
        )
    return tuple(settings)
