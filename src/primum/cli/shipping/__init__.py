"""`primum export` and `primum push`."""
