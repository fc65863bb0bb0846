"""What is watched while a model trains: drift, numbers that are none, checkpoints."""
