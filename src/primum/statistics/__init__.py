"""Intervals, agreement, the RV coefficient: ground that every room may use."""
