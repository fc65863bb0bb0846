"""Engines side by side in a Ray cluster."""
