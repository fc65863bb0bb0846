"""Memory of the output layer alone on a GPU: all logits at once, as TRL does, against chunks.

    python benchmarks/training_head.py TOKENS

Prints a JSON object with both peaks in bytes.
"""

import json
import sys
from collections.abc import Callable

import torch
from torch import Tensor
from trl.trainer.utils import selective_log_softmax

from primum.training.network.logprobs import chunk_rows, token_logprobs

HIDDEN, VOCABULARY = 4096, 128_256


def main() -> None:
    tokens, device = int(sys.argv[1]), torch.device("cuda")
    hidden = torch.randn(1, tokens, HIDDEN, device=device, dtype=torch.bfloat16)
    weight = torch.randn(VOCABULARY, HIDDEN, device=device, dtype=torch.bfloat16)
    targets = torch.randint(VOCABULARY, (1, tokens), device=device)

    def at_once(states: Tensor) -> Tensor:
        return selective_log_softmax(torch.nn.functional.linear(states, weight), targets)

    def in_chunks(states: Tensor) -> Tensor:
        rows = chunk_rows(VOCABULARY, device)
        return token_logprobs(states[0], weight, None, targets[0], rows)

    print(json.dumps({"at_once": peak(at_once, hidden), "in_chunks": peak(in_chunks, hidden)}))


def peak(logprobs: Callable[[Tensor], Tensor], hidden: Tensor) -> int:
    """Most memory above the inputs, forwards and backwards."""
    states = hidden.detach().requires_grad_()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    logprobs(states).sum().backward()
    return torch.cuda.max_memory_allocated() - before


if __name__ == "__main__":
    main()
