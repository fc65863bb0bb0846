"""Commands that prove: `primum gate`, `primum evaluate`, `primum label`."""
