"""How good judges are: by labels, by one another, and by their own probabilities."""
