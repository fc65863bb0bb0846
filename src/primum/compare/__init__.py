"""Several recipes over one synthesis, and the table of methods."""
