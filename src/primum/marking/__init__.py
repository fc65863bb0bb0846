"""Marks that people give to answers, from a blind sheet to exemplars of a constitution."""

from primum.marking.add import Added, add_marks
from primum.marking.draw import Drawn, draw_sheet

__all__ = ["Added", "Drawn", "add_marks", "draw_sheet"]
