"""The data half of the method (docs/method.md, steps 1 to 6): sample, refine, filter, pair."""
