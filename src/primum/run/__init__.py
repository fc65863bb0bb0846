"""The run, top to bottom: its inputs, its stages, its directory, what comes of it."""
