"""How likely a model finds what is given: choices at the answer position, and whole answers."""
