"""Runs that train nothing: the starting model's answers, made in another way (docs/gate.md)."""
