"""The table of methods as people read it: terminal, Markdown, page."""
