"""The vLLM engine: vLLM's scheduling and kernels behind the same requests as every engine."""
