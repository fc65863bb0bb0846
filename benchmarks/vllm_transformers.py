"""The transformers engine's side of the comparison with vLLM, in a process of its own.

Started by `vllm_engine.py`. Reads the number of a part per line; answers with tokens and seconds.
"""

import argparse
import json
import sys
import time

import torch
import transformers

from primum.engines.local.engine import TransformersEngine
from vllm_work import make_work, part_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    for name in ("prompts", "longest_answer", "parts", "batch_size"):
        parser.add_argument(name, type=int)
    given = parser.parse_args()
    engine = TransformersEngine.from_name(given.model, batch_size=given.batch_size)
    work = make_work(given.prompts, given.longest_answer)
    facts = {
        "dtype": str(engine.loaded.model.dtype).removeprefix("torch."),
        "threads": torch.get_num_threads(),
        "transformers": transformers.__version__,
    }
    print(json.dumps(facts), flush=True)
    for line in sys.stdin:
        part = part_of(work, int(line), given.parts)
        began = time.perf_counter()
        tokens = sum(completion.tokens for _, completion in engine.generate(part))
        print(json.dumps([tokens, time.perf_counter() - began]), flush=True)


if __name__ == "__main__":
    main()
