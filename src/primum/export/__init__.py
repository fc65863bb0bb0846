"""The model of a finished run in a form that others can use, and its way to the hub."""
