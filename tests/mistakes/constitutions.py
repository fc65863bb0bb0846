"""Mistakes with constitutions."""

from collections.abc import Callable

from tests.mistakes.place import Mistake, Place

CLINIC = """name: clinic
objectives:
  - name: harmless
    definition: The answer harms nobody.
  - name: helpful
    definition: The answer solves the problem.
"""
_ALIGN = "primum align prompts.txt --model ./my-model --out runs/first --constitution "
_CHECK = "primum constitution check clinic.yaml"


def _clinic(old: str = "", new: str = "") -> Callable[[Place], object]:
    """Writes clinic.yaml, with some words in the place of others."""
    return lambda place: place.write("clinic.yaml", CLINIC.replace(old, new) if old else CLINIC)


MISTAKES = (
    Mistake("A built-in name with a typing error", _ALIGN + "medcal"),
    Mistake("A file of nearly the name", _ALIGN + "clinic.yml", _clinic()),
    Mistake("An objective named twice", _CHECK, _clinic("helpful", "harmless")),
    Mistake("Only one objective", _CHECK, _clinic(CLINIC[CLINIC.index("  - name: helpful") :])),
    Mistake(
        "The order as a mapping",
        _CHECK,
        lambda place: place.write(
            "clinic.yaml", "name: clinic\nobjectives:\n  harmless: no harm\n  helpful: much help\n"
        ),
    ),
    Mistake(
        "A key that nearly exists", _CHECK, _clinic("definition: The answer s", "defintion: S")
    ),
    Mistake("A tab", _CHECK, _clinic("    definition: The answer harms", "\tdefinition: It harms")),
    Mistake("A colon in a text", _CHECK, _clinic("The answer harms nobody.", "First: harm nobody")),
    Mistake("A scale upside down", _CHECK, _clinic("objectives:", "scale: [5, 1]\nobjectives:")),
    Mistake(
        "An exemplar that lacks a side",
        _CHECK,
        _clinic("problem.", "problem.\n    exemplars:\n      - {prompt: Why, better: Because}"),
    ),
    Mistake(
        "A recipe in the place of a constitution",
        _ALIGN + "mine.yaml",
        lambda place: place.write("mine.yaml", "name: mine\ntraining: {epochs: 2}\n"),
    ),
    Mistake(
        "No exemplars for a judge that is fitted on them",
        _ALIGN + "clinic.yaml --recipe quickstart",
        _clinic(),
    ),
    Mistake(
        "A threshold outside the scale",
        _ALIGN + "harmless-helpful 'pairing.thresholds={harmless: 90}'",
    ),
    Mistake(
        "A threshold of an objective that is none",
        _ALIGN + "harmless-helpful 'pairing.thresholds={safe: 4}'",
    ),
)
