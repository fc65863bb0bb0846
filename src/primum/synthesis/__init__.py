"""The data half of the method: sample, refine, denoise, pair."""
