"""Guards: what no objective names, and must not be lost."""
