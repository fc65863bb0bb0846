"""Judging in words: how a model is asked for a rating, and how its reply is read."""
