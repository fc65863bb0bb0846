"""What made a run, and what is needed to make it again."""
