"""The first hour: commands that prepare a machine and a folder, and what the shell completes."""
