"""What stands between the commands and a terminal: its streams, and the words typed into it."""
