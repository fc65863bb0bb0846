"""Published benchmarks, asked and judged as their authors do."""
