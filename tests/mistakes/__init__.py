"""Mistakes of a first-time user, and what primum answers: docs/mistakes.md shows exactly these."""
