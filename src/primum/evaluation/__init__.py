"""Answers before and after, paired intervals, and the gate."""
