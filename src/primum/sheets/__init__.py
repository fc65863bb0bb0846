"""Sheets on which somebody marks answers without knowing where they come from."""
