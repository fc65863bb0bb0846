"""Shows a run to experiment trackers: recipe, stages, curves and gate as one tracked run."""
