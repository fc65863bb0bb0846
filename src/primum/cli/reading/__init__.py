"""Commands that show what is there: `primum report`, `primum calls`, `primum view`."""
