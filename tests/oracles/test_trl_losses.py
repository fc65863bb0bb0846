"""Losses and gradients against TRL's trainers: the same data, the same tokens, float32."""

import copy
from pathlib import Path

import pytest
import torch
from datasets import Dataset
from trl import DPOConfig, DPOTrainer
from trl.experimental.cpo import CPOConfig, CPOTrainer

from primum.training import PriorityTrainer
from tests.tiny import CHATML, tiny_model, tiny_tokenizer
from tests.training.samples import config, preferences

# TRL sets `gradient_checkpointing` in its own configuration, a name that Transformers 5 gives up.
pytestmark = pytest.mark.filterwarnings("ignore:`gradient_checkpointing:FutureWarning")

# TRL ends a response with whatever the template writes after it, then EOS. Without the newline
# that ChatML writes between turns, both end with EOS alone.
TEMPLATE = CHATML.replace("'<|im_end|>' + '\n'", "'<|im_end|>'")
QUIET = {"use_cpu": True, "report_to": "none", "disable_tqdm": True, "bf16": False}


@pytest.fixture(scope="module")
def data() -> Dataset:
    return preferences(prompts=3, responses=4)


@pytest.fixture(scope="module")
def model():
    assert TEMPLATE != CHATML
    return tiny_model()


def gradients(loss: torch.Tensor, model) -> list[torch.Tensor]:
    return list(torch.autograd.grad(loss, list(model.parameters())))


def ours(model, data: Dataset, folder: Path, **settings):
    """Our loss, gradient and trainer for all of the data in one step."""
    model = copy.deepcopy(model)
    trainer = PriorityTrainer(
        model, config(folder, **settings), data, processing_class=tiny_tokenizer(TEMPLATE)
    )
    groups = trainer.train_groups.items
    step = trainer._begin(groups)
    loss = sum(step.loss(model, turn) for turn in range(step.turns))
    found = gradients(loss, model)
    assert float(step.value()) == pytest.approx(float(loss), abs=1e-5)
    return float(loss), found, trainer


def agree(mine: list[torch.Tensor], theirs: list[torch.Tensor]) -> None:
    largest = max(float(gradient.abs().max()) for gradient in theirs)
    for one, other in zip(mine, theirs, strict=True):
        torch.testing.assert_close(one / largest, other / largest, atol=1e-5, rtol=0)


def cpo(model, data: Dataset, folder: Path, *, likelihood: float = 0.0, **settings) -> CPOTrainer:
    args = CPOConfig(
        output_dir=str(folder),
        loss_type="simpo",
        cpo_alpha=likelihood,
        max_length=512,
        per_device_train_batch_size=len(data),
        **QUIET,
        **settings,
    )
    return CPOTrainer(model, args, train_dataset=data, processing_class=tiny_tokenizer(TEMPLATE))


@pytest.mark.parametrize(("beta", "gamma"), [(2.0, 1.0), (10.0, 3.0)])
def test_simpo_is_that_of_trl(model, data, tmp_path, beta, gamma):
    reference = copy.deepcopy(model)
    trl = cpo(reference, data, tmp_path / "trl", beta=beta, simpo_gamma=gamma)
    batch = trl.data_collator([trl.train_dataset[i] for i in range(len(data))])
    value, _ = trl.get_batch_loss_metrics(reference, batch)
    loss, found, _ = ours(model, data, tmp_path, loss="simpo", beta=beta, gamma=gamma)
    assert loss == pytest.approx(float(value), abs=1e-5)
    agree(found, gradients(value, reference))


def test_the_likelihood_term_is_that_of_trl_on_one_pair(model, data, tmp_path):
    # With several pairs TRL averages over all their tokens, primum over each response's own.
    pair = data.select([0])
    reference = copy.deepcopy(model)
    trl = cpo(reference, pair, tmp_path / "trl", beta=2.0, simpo_gamma=1.0, likelihood=0.7)
    batch = trl.data_collator([trl.train_dataset[0]])
    value, _ = trl.get_batch_loss_metrics(reference, batch)
    loss, found, _ = ours(model, pair, tmp_path, loss="simpo", likelihood=0.7)
    assert loss == pytest.approx(float(value), abs=1e-5)
    agree(found, gradients(value, reference))


def test_spa_with_alpha_zero_is_that_too(model, data, tmp_path):
    simpo, expected, _ = ours(model, data, tmp_path, loss="simpo")
    spa, found, _ = ours(model, data, tmp_path, loss="spa", alpha=0.0)
    weighted, _, _ = ours(model, data, tmp_path, loss="spa", alpha=1.0)
    assert spa == pytest.approx(simpo, abs=1e-7)
    agree(found, expected)
    assert weighted != pytest.approx(simpo, abs=1e-3)


def test_the_tokens_are_those_of_trl_and_a_quarter_as_many(model, data, tmp_path):
    trl = cpo(copy.deepcopy(model), data, tmp_path / "trl")
    sides = [
        (tuple(row[f"{side}_input_ids"]), row[f"{side}_labels"].count(-100))
        for row in trl.train_dataset
        for side in ("chosen", "rejected")
    ]
    _, _, trainer = ours(model, data, tmp_path, loss="simpo")
    once = [
        (tuple(response.ids.tolist()), response.start)
        for group in trainer.train_groups.items
        for response in group.responses
    ]
    assert set(once) == set(sides)
    assert len(once) == 12
    assert len(sides) == 36  # Four responses, six pairs: each response is in three.


@pytest.mark.parametrize("beta", [0.1, 1.0])
def test_dpo_is_that_of_trl(model, data, tmp_path, beta):
    policy = copy.deepcopy(model)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter += 0.02 * torch.randn(parameter.shape, generator=generator)
    args = DPOConfig(
        output_dir=str(tmp_path / "trl"),
        beta=beta,
        max_length=512,
        per_device_train_batch_size=len(data),
        **QUIET,
    )
    trl = DPOTrainer(
        copy.deepcopy(policy),
        ref_model=copy.deepcopy(model),
        args=args,
        train_dataset=data,
        processing_class=tiny_tokenizer(TEMPLATE),
    )
    batch = trl.data_collator([trl.train_dataset[i] for i in range(len(data))])
    value = trl.compute_loss(trl.model, batch)
    expected = gradients(value, trl.model)

    own = copy.deepcopy(model)
    trainer = PriorityTrainer(
        own,
        config(tmp_path, loss="dpo", beta=beta),
        data,
        processing_class=tiny_tokenizer(TEMPLATE),
    )
    trainer._ensure_reference()
    own.load_state_dict(policy.state_dict())
    step = trainer._begin(trainer.train_groups.items)
    loss = sum(step.loss(own, turn) for turn in range(step.turns))
    assert float(loss) == pytest.approx(float(value), abs=1e-5)
    assert abs(float(value) - 0.6931) > 1e-3
    agree(gradients(loss, own), expected)
