"""The three lists, each from a run's tables."""
