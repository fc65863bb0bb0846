"""The report, the model card, and the terminal summary."""
