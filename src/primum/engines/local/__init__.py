"""The Transformers engine, and the kernel under it: batches, caches, sampling, hidden states."""
