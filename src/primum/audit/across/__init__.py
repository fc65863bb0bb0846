"""What scores say across prompts: whether a level, and so a threshold, means anything."""
