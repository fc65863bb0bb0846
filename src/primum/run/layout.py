"""The file names of a run directory."""

PAIRS = "pairs.parquet"
MODEL = "model"
TRAINING = "training.json"
CHECKPOINTS = "checkpoints"
TRAINING_LOG = "accelerate.log"
