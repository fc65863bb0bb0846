"""The model in training: adapters, packing, log-probabilities without logits."""
