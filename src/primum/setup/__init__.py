"""The first hour: the files of a new domain, and whether the machine is ready for a run."""
