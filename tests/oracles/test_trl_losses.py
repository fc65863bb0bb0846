"""Losses and gradients against TRL's trainers: the same data, the same tokens, float32."""

import copy
import itertools
from pathlib import Path

import pytest
import torch
from datasets import Dataset
from trl import DPOConfig, DPOTrainer
from trl.experimental.cpo import CPOConfig, CPOTrainer
from trl.experimental.orpo import ORPOConfig, ORPOTrainer

from primum.training import PriorityTrainer
from primum.training.losses import gain, ipo
from tests.tiny import CHATML, tiny_model, tiny_tokenizer
from tests.training.samples import config, preference_rows, preferences

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


def moved(model) -> torch.nn.Module:
    """The model some way into its training."""
    policy = copy.deepcopy(model)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter += 0.02 * torch.randn(parameter.shape, generator=generator)
    return policy


def anchored(model, policy, data: Dataset, folder: Path, **settings):
    """TRL's loss and gradient of a policy, the model being its reference."""
    args = DPOConfig(
        output_dir=str(folder),
        max_length=512,
        per_device_train_batch_size=len(data),
        **QUIET,
        **settings,
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
    return value, gradients(value, trl.model)


def ours_anchored(model, policy, data: Dataset, folder: Path, **settings):
    """Ours, and the step."""
    own = copy.deepcopy(model)
    trainer = PriorityTrainer(
        own, config(folder, **settings), data, processing_class=tiny_tokenizer(TEMPLATE)
    )
    trainer._ensure_reference()
    own.load_state_dict(policy.state_dict())
    step = trainer._begin(trainer.train_groups.items)
    loss = sum(step.loss(own, turn) for turn in range(step.turns))
    return loss, gradients(loss, own), step


@pytest.mark.parametrize("beta", [0.1, 1.0])
def test_dpo_is_that_of_trl(model, data, tmp_path, beta):
    policy = moved(model)
    value, expected = anchored(model, policy, data, tmp_path / "trl", beta=beta)
    loss, found, _ = ours_anchored(model, policy, data, tmp_path, loss="dpo", beta=beta)
    assert float(loss) == pytest.approx(float(value), abs=1e-5)
    assert abs(float(value) - 0.6931) > 1e-3
    agree(found, expected)


def as_long() -> Dataset:
    """Pairs of responses that have equally many tokens."""
    words = list(itertools.permutations(["quick", "brown", "fox"]))
    rows = preference_rows(prompts=3, responses=4)
    for number, row in enumerate(rows):
        for side, order in (("chosen", words[number % 6]), ("rejected", words[(number + 1) % 6])):
            row[side] = [{"role": "assistant", "content": " ".join(["the", *order])}]
    return Dataset.from_list(rows)


# Smaller β aim so far that the pairs' gradients all but cancel, and rounding is left.
@pytest.mark.parametrize("beta", [1.0, 5.0])
def test_ipo_is_that_of_trl_up_to_its_averages_over_tokens(model, tmp_path, beta):
    # For responses of T tokens: (h/T − 1/(2β))² = (h − 1/(2β/T))²/T².
    policy, data = moved(model), as_long()
    value, expected = anchored(model, policy, data, tmp_path / "trl", beta=beta, loss_type=["ipo"])
    _, _, step = ours_anchored(model, policy, data, tmp_path / "first", loss="ipo")
    [tokens] = set(step.pairs.counts.tolist())
    loss, found, _ = ours_anchored(model, policy, data, tmp_path, loss="ipo", beta=beta / tokens)
    assert float(loss) / tokens**2 == pytest.approx(float(value), rel=1e-5)
    agree([gradient / tokens**2 for gradient in found], expected)


def test_the_formula_of_ipo_on_averages_is_trl_s_for_any_lengths(model, data, tmp_path):
    policy = moved(model)
    value, _ = anchored(model, policy, data, tmp_path / "trl", beta=0.3, loss_type=["ipo"])
    _, _, step = ours_anchored(model, policy, data, tmp_path, loss="ipo")
    chosen, rejected, start = step.pairs.chosen, step.pairs.rejected, step.pairs.reference
    gained = gain(step.means[chosen], step.means[rejected], start[chosen], start[rejected])
    assert float(ipo(gained, beta=0.3).mean()) == pytest.approx(float(value), rel=1e-5)


@pytest.mark.parametrize("odds", [1.0, 10.0])
def test_the_odds_ratio_of_orpo_is_that_of_trl(model, data, tmp_path, odds):
    # TRL takes the likelihood of prompt and response; primum, as the paper, of the response.
    reference = copy.deepcopy(model)
    args = ORPOConfig(
        output_dir=str(tmp_path / "trl"),
        beta=odds,
        max_length=512,
        per_device_train_batch_size=len(data),
        remove_unused_columns=False,
        **QUIET,
    )
    trl = ORPOTrainer(
        reference, args, train_dataset=data, processing_class=tiny_tokenizer(TEMPLATE)
    )
    batch = trl.data_collator([trl.train_dataset[i] for i in range(len(data))])
    chosen, rejected, *_ = trl.concatenated_forward(reference, batch)
    value = -trl.odds_ratio_loss(chosen, rejected)[0].mean()
    loss, found, _ = ours(model, data, tmp_path, loss="orpo", odds=odds)
    likelihood, alone, _ = ours(model, data, tmp_path, loss="orpo", odds=0.0)
    assert likelihood == pytest.approx(-float(chosen.mean()), abs=1e-5)
    assert loss - likelihood == pytest.approx(float(value), abs=1e-5)
    ratio = [one - other for one, other in zip(found, alone, strict=True)]
    agree([gradient / odds for gradient in ratio], gradients(value / odds, reference))
