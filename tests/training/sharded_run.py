"""One step's gradient with the model sharded by FSDP2 over gloo ranks; started by torchrun.

Arguments: `full` or `adapter`, and the file that gets the largest difference from one process.
"""

import sys
from pathlib import Path

import torch
import torch.distributed as dist
from peft import LoraConfig, get_peft_model
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor

from primum.engines.chat import ChatFormat
from primum.training.dealing import Dealer
from primum.training.groups import group_by_prompt
from primum.training.objective import LossSettings, pairs_of_step
from primum.training.packing import choose_layout
from primum.training.scoring import install
from primum.training.step import Step
from tests.tiny import tiny_model, tiny_tokenizer
from tests.training.data import preferences

SETTINGS = LossSettings("spa", beta=2.0, gamma=1.0, alpha=1.0)


def build(adapter: bool):
    torch.manual_seed(0)
    base = tiny_model()
    model = base
    if adapter:
        model = get_peft_model(base, LoraConfig(r=4, target_modules="all-linear"))
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(parameter, std=0.1)
    install(base)
    return model, base, choose_layout(base)


def gradients(model, dealer: Dealer, groups) -> dict[str, torch.Tensor]:
    pairs = pairs_of_step(groups, SETTINGS, None, torch.device("cpu"))
    step = Step(groups, pairs, SETTINGS, dealer, 1)
    step.cache(model)
    for turn in range(step.turns):
        (step.loss(model, turn) * dealer.ranks).backward()
    assert step.turns > 1
    return {
        name: p.grad.full_tensor() if isinstance(p.grad, DTensor) else p.grad
        for name, p in model.named_parameters()
        if p.requires_grad
    }


def add_up(values: torch.Tensor) -> torch.Tensor:
    dist.all_reduce(values)
    return values


def main() -> None:
    dist.init_process_group("gloo")
    rank, ranks = dist.get_rank(), dist.get_world_size()
    chat = ChatFormat(tiny_tokenizer())
    data = preferences(prompts=5, responses=4)
    groups = group_by_prompt(data, chat, max_length=200, scored=True, gap="paper").items
    cpu = torch.device("cpu")

    model, base, layout = build(sys.argv[1] == "adapter")
    alone = Dealer(0, 1, layout, 0, cpu, 60, 1, lambda values: values)
    expected = gradients(model, alone, groups)

    model, base, layout = build(sys.argv[1] == "adapter")
    for layer in base.model.layers:
        fully_shard(layer)
    fully_shard(model)
    found = gradients(model, Dealer(rank, ranks, layout, 0, cpu, 60, 1, add_up), groups)
    worst = max(float((found[n] - expected[n]).abs().max()) for n in expected)
    largest = max(float(g.abs().max()) for g in expected.values())
    if rank == 0:
        Path(sys.argv[2]).write_text(f"{worst / largest}")
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
