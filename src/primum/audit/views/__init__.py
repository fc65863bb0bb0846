"""An audit as a page, and in a terminal."""
