"""The stages of a run, one file each: what a stage declares, and its body."""
