"""One step's gradient with the model sharded over two gloo ranks; started by torchrun.

Arguments: `fsdp2` or `zero3`, `full` or `adapter`, and the file that gets the largest difference
from the gradient of one process, relative to its largest element.
"""

import gc
import sys
from collections.abc import Callable
from pathlib import Path

import torch
import torch.distributed as dist
from peft import LoraConfig, get_peft_model
from torch.distributed.fsdp import fully_shard

from primum.engines.models.chat import ChatFormat
from primum.training.data.groups import group_by_prompt
from primum.training.network.packing import choose_layout
from primum.training.network.scoring import install
from primum.training.step.dispatch import Dispatcher
from primum.training.step.loss import LossSettings, pairs_of_step
from primum.training.step.optimizer_step import OptimizerStep
from tests.tiny import tiny_model, tiny_tokenizer
from tests.training.samples import preferences

SETTINGS = LossSettings("spa", beta=2.0, gamma=1.0, alpha=1.0)
CPU = torch.device("cpu")
ZERO3 = {
    "train_micro_batch_size_per_gpu": 1,
    "optimizer": {"type": "SGD", "params": {"lr": 0.0}},
    "zero_allow_untested_optimizer": True,
    "zero_optimization": {"stage": 3, "stage3_param_persistence_threshold": 0},
}


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


def backpropagate(
    model, dispatcher: Dispatcher, backward: Callable[[torch.Tensor, bool], None]
) -> None:
    """Runs a whole step, whose small budget splits every prompt."""
    chat = ChatFormat(tiny_tokenizer())
    data = preferences(prompts=5, responses=4)
    groups = group_by_prompt(data, chat, max_length=200, loss="spa").items
    step = OptimizerStep(
        groups, pairs_of_step(groups, SETTINGS, None, CPU), SETTINGS, dispatcher, 1
    )
    assert step.turns > 1
    step.cache(model)
    for turn in range(step.turns):
        backward(step.loss(model, turn) * dispatcher.ranks, turn == step.turns - 1)


def trained(model) -> dict[str, torch.nn.Parameter]:
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def alone(adapter: bool) -> dict[str, torch.Tensor]:
    model, _, layout = build(adapter)
    dispatcher = Dispatcher(0, 1, layout, 0, CPU, 60, 1, lambda values: values)
    backpropagate(model, dispatcher, lambda loss, last: loss.backward())
    return {name: p.grad for name, p in trained(model).items()}


def under_fsdp2(adapter: bool) -> dict[str, torch.Tensor]:
    model, base, layout = build(adapter)
    for layer in base.model.layers:
        fully_shard(layer)
    fully_shard(model)
    backpropagate(model, shared_dispatcher(layout), lambda loss, last: loss.backward())
    return {name: p.grad.full_tensor() for name, p in trained(model).items()}


def under_zero3(adapter: bool) -> dict[str, torch.Tensor]:
    import deepspeed
    from deepspeed.utils import safe_get_full_grad

    model, _, layout = build(adapter)
    parameters = list(trained(model).values())
    engine, *_ = deepspeed.initialize(model=model, model_parameters=parameters, config=ZERO3)

    def backward(loss: torch.Tensor, last: bool) -> None:
        engine.set_gradient_accumulation_boundary(is_boundary=last)
        engine.backward(loss, scale_wrt_gas=False)

    backpropagate(engine, shared_dispatcher(layout), backward)
    return {name: safe_get_full_grad(p) for name, p in trained(engine.module).items()}


def shared_dispatcher(layout) -> Dispatcher:
    def add_up(values: torch.Tensor) -> torch.Tensor:
        dist.all_reduce(values)
        return values

    return Dispatcher(dist.get_rank(), dist.get_world_size(), layout, 0, CPU, 60, 1, add_up)


def main() -> None:
    engine, adapter, target = sys.argv[1], sys.argv[2] == "adapter", Path(sys.argv[3])
    dist.init_process_group("gloo")
    expected = alone(adapter)
    found = under_zero3(adapter) if engine == "zero3" else under_fsdp2(adapter)
    worst = max(float((found[name] - expected[name]).abs().max()) for name in expected)
    largest = max(float(gradient.abs().max()) for gradient in expected.values())
    if dist.get_rank() == 0:
        target.write_text(str(worst / largest))
    # What FSDP still refers to is freed by gloo's threads, which end the process if they are at it
    # while the interpreter goes down.
    gc.collect()
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
