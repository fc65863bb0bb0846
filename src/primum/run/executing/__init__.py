"""Executes the steps of a run, and takes over what a sibling run has finished already."""
