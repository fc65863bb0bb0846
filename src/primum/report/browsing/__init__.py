"""The lists of a report: all pairs, all held-out prompts, and what each filter dropped."""
