"""What each guard that asks no model measures: a figure per answer."""
