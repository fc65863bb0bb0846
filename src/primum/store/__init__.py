"""The run directory: stages, tables, and every model call."""
