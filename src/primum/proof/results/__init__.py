"""The result of an evaluation, in the forms in which people and other tools read it."""
