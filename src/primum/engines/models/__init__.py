"""Chat models by name: where they lie, how they load, and how their templates make ids of text."""
