import json
from pathlib import Path
from typing import get_args

import pytest
import torch
from datasets import Dataset
from peft import LoraConfig, PromptTuningConfig, TaskType
from transformers import TrainerCallback, TrainerControl, TrainerState

from primum.errors import UserError
from primum.recipe.losses import LossName
from primum.training import PriorityConfig, PriorityTrainer
from primum.training.arguments import RECOMPUTING
from primum.training.watch.drift import collapsed, fell_too_far
from tests.tiny import save_tiny, tiny_model, tiny_tokenizer
from tests.training.samples import config, preference_rows, preferences

LORA = LoraConfig(r=4, target_modules="all-linear")


def trainer(folder: Path, data=None, *, model=None, adapter=LORA, eval_dataset=None, **kwargs):
    callbacks = kwargs.pop("callbacks", None)
    return PriorityTrainer(
        model or tiny_model(),
        config(folder, **kwargs),
        preferences() if data is None else data,
        eval_dataset=eval_dataset,
        processing_class=tiny_tokenizer(),
        peft_config=adapter,
        callbacks=callbacks,
    )


def losses(run: PriorityTrainer) -> list[float]:
    return [entry["loss"] for entry in run.state.log_history if "loss" in entry]


@pytest.mark.parametrize("loss", get_args(LossName))
def test_every_loss_goes_down(tmp_path, loss):
    data = preferences(by_last=loss == "modpo")
    run = trainer(tmp_path, data, loss=loss, num_train_epochs=8, prompts_per_step=6)
    run.train()
    assert len(losses(run)) == 8
    assert losses(run)[-1] < 0.95 * losses(run)[0]


def test_what_is_logged(tmp_path):
    run = trainer(tmp_path, num_train_epochs=1, prompts_per_step=6, watched_responses=4)
    run.train()
    (entry,) = (e for e in run.state.log_history if "loss" in e)
    wanted = {"logps/chosen", "logps/rejected", "rewards/chosen", "rewards/rejected"}
    wanted |= {"rewards/margins", "rewards/accuracies", "weights/max", "weights/std"}
    wanted |= {"weights/effective", "tokens_per_second", "num_tokens", "drift/chosen"}
    assert wanted <= set(entry)
    margin = entry["rewards/chosen"] - entry["rewards/rejected"]
    assert entry["rewards/margins"] == pytest.approx(margin, abs=1e-5)
    each_once = sum(
        group.shared + sum(length - group.shared for length in group.lengths)
        for group in run.train_groups.items
    )
    assert entry["num_tokens"] == each_once
    assert run.train_groups.pairs == 36
    assert run.train_groups.responses == 24


def test_tensorboard_gets_the_figures(tmp_path, monkeypatch):
    monkeypatch.setenv("TENSORBOARD_LOGGING_DIR", str(tmp_path / "board"))
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    run = trainer(tmp_path, report_to="tensorboard", prompts_per_step=3)
    run.train()
    events = accumulator.EventAccumulator(str(next((tmp_path / "board").rglob("*tfevents*"))))
    events.Reload()
    written = [event.value for event in events.Scalars("train/rewards/margins")]
    logged = [e["rewards/margins"] for e in run.state.log_history if "loss" in e]
    assert written[: len(logged)] == pytest.approx(logged)


def test_evaluation_during_training_and_alone(tmp_path):
    held = {"one": preferences(prompts=2, seed=5), "two": preferences(prompts=3, seed=6)}
    run = trainer(tmp_path, eval_dataset=held, eval_strategy="epoch", num_train_epochs=2)
    before = run.evaluate()
    run.train()
    logged = [e for e in run.state.log_history if "eval_one_loss" in e]
    assert len(logged) >= 2
    assert run.evaluate()["eval_two_loss"] != before["eval_two_loss"]
    assert {"eval_one_rewards/margins", "eval_one_rewards/accuracies"} <= set(before)
    assert run.evaluate(held["one"])["eval_loss"] == pytest.approx(
        run.evaluate()["eval_one_loss"], abs=1e-6
    )


def test_dpo_starts_at_log_two_and_keeps_its_reference(tmp_path):
    data = preferences(prompts=3)
    run = trainer(tmp_path, data, loss="dpo", eval_dataset=data, num_train_epochs=3)
    assert run.evaluate()["eval_loss"] == pytest.approx(0.693147, abs=1e-5)
    run.train()
    assert losses(run)[0] == pytest.approx(0.693147, abs=1e-5)
    assert run.evaluate()["eval_loss"] < 0.69
    with pytest.raises(UserError, match="pass it to PriorityTrainer as eval_dataset"):
        run.evaluate(preferences(prompts=2, seed=9))


class StopAt(TrainerCallback):
    """Stands for an interruption after some steps."""

    def __init__(self, step: int) -> None:
        self._step = step

    def on_step_end(self, args, state: TrainerState, control: TrainerControl, **kwargs) -> None:
        control.should_training_stop = state.global_step >= self._step


@pytest.mark.parametrize("loss", ["spa", "dpo"])
@pytest.mark.parametrize("stop", [2, 3, 4])
@pytest.mark.slow
def test_a_resumed_run_takes_the_same_trajectory(tmp_path, loss, stop):
    settings = {
        "loss": loss,
        "num_train_epochs": 2,
        "per_device_train_batch_size": 1,
        "gradient_accumulation_steps": 2,
        "save_strategy": "steps",
        "save_steps": 1,
        "watched_responses": 3,
    }
    straight = trainer(tmp_path / "straight", **settings)
    straight.train()
    trainer(tmp_path / "cut", callbacks=[StopAt(stop)], **settings).train()
    resumed = trainer(tmp_path / "cut", **settings)
    resumed.train(resume_from_checkpoint=True)
    assert resumed.state.global_step == straight.state.global_step == 6
    assert losses(resumed) == pytest.approx(losses(straight), abs=1e-6)
    ours, theirs = (
        {e["step"]: e["drift/chosen"] for e in r.state.log_history if "drift/chosen" in e}
        for r in (resumed, straight)
    )
    assert len(theirs) >= 2
    assert ours == pytest.approx(theirs, abs=1e-6)
    for ours, theirs in zip(resumed.model.parameters(), straight.model.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-5)


def test_a_resumed_run_needs_the_same_data(tmp_path):
    settings = {"save_strategy": "steps", "save_steps": 1, "prompts_per_step": 3, "loss": "dpo"}
    trainer(tmp_path, callbacks=[StopAt(1)], **settings).train()
    with pytest.raises(UserError, match="other data"):
        trainer(tmp_path, preferences(seed=3), **settings).train(resume_from_checkpoint=True)
    (tmp_path / "start_logprobs.npz").unlink()
    with pytest.raises(UserError, match="is missing"):
        trainer(tmp_path, **settings).train(resume_from_checkpoint=True)


def test_an_adapter_in_half_precision_follows_the_one_in_full(tmp_path):
    """Catches weights cached from before the optimizer's step, and casts of the wrong kind."""
    settings = {"num_train_epochs": 6, "prompts_per_step": 6, "learning_rate": 3e-3}
    full = trainer(tmp_path, **settings)
    full.train()
    half = trainer(tmp_path, model=tiny_model().bfloat16(), **settings)
    half.train()
    trained = [p for p in half.model.parameters() if p.requires_grad]
    assert {p.dtype for p in trained} == {torch.float32}
    assert losses(full)[-1] < 0.5 * losses(full)[0]
    assert losses(half) == pytest.approx(losses(full), abs=0.08)


@pytest.mark.parametrize("adapter", [None, LORA])
def test_gradient_checkpointing_takes_the_same_steps(tmp_path, adapter):
    plain = trainer(tmp_path, adapter=adapter)
    plain.train()
    recomputed = trainer(tmp_path, adapter=adapter, **{RECOMPUTING: True})
    recomputed.train()
    assert losses(recomputed) == pytest.approx(losses(plain), abs=1e-6)


def test_a_name_and_a_saved_adapter_serve_as_model(tmp_path):
    folder = save_tiny(tmp_path / "model")
    args = config(tmp_path / "out", max_steps=1)
    run = PriorityTrainer(str(folder), args, preferences(), peft_config=LORA)
    run.train()
    run.save_model(str(tmp_path / "adapter"))
    further = PriorityTrainer(str(tmp_path / "adapter"), args, preferences())
    trained = [n for n, p in further.model.named_parameters() if p.requires_grad]
    assert trained
    assert all("lora" in name for name in trained)
    with pytest.raises(UserError, match="has an adapter already"):
        PriorityTrainer(str(tmp_path / "adapter"), args, preferences(), peft_config=LORA)


def test_the_best_checkpoint_by_evaluation_is_kept(tmp_path):
    run = trainer(
        tmp_path,
        eval_dataset=preferences(prompts=2, seed=5),
        num_train_epochs=3,
        eval_strategy="epoch",
        save_strategy="epoch",
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
    )
    run.train()
    logged = [e["eval_loss"] for e in run.state.log_history if "eval_loss" in e]
    assert run.evaluate()["eval_loss"] == pytest.approx(min(logged), abs=1e-6)


def test_watching_costs_little(tmp_path):
    settings = {"num_train_epochs": 4, "per_device_train_batch_size": 1}
    run = trainer(tmp_path, watched_responses=6, **settings)
    run.train()
    logged = [e for e in run.state.log_history if "loss" in e]
    measured = [e for e in logged if "drift/chosen" in e]
    assert "drift/chosen" in logged[-1]
    watched = sum(len(response.ids) for response in run._reference.watched)
    assert 2 <= len(measured) <= 1 + logged[-1]["num_tokens"] / (4 * watched)


def test_text_data_without_scores(tmp_path):
    rows = [
        {
            "prompt": "Q: the fox?\nA:",
            "chosen": " quick brown law",
            "rejected": " health " * i,
        }
        for i in (1, 2)
    ]
    run = trainer(tmp_path, Dataset.from_list(rows), loss="simpo", num_train_epochs=1)
    run.train()
    assert run.train_groups.responses == 3
    with pytest.raises(UserError, match="neither chosen_scores and rejected_scores nor"):
        trainer(tmp_path, Dataset.from_list(rows), loss="spa")


def test_drift_is_the_change_of_the_watched_responses(tmp_path):
    run = trainer(tmp_path, num_train_epochs=3, prompts_per_step=6, watched_responses=6)
    watched = run._reference.watched
    before = run._mean_logprobs(watched)
    run.train()
    logged = [e["drift/chosen"] for e in run.state.log_history if "drift/chosen" in e]
    assert len(watched) == 6
    assert 1 <= len(logged) <= 3
    assert logged[-1] == pytest.approx(
        float((run._mean_logprobs(watched) - before).mean()), abs=1e-5
    )
    assert abs(logged[-1]) > 1e-3


@pytest.fixture
def falling(monkeypatch):
    """Preferred responses lose 0.06 nats per token at every step."""

    def fall(self):
        return -0.06 * self.state.global_step

    monkeypatch.setattr(PriorityTrainer, "_measure_drift", fall)


def test_drift_stops_the_run(tmp_path, falling):
    settings = {"num_train_epochs": 9, "prompts_per_step": 6, "watched_responses": 1}
    run = trainer(tmp_path, max_drift=0.15, save_strategy="steps", save_steps=50, **settings)
    run.train()
    assert run.state.global_step == 3
    assert (tmp_path / "checkpoint-3").is_dir()


def test_a_collapse_is_reported_once(tmp_path, falling, caplog):
    settings = {"num_train_epochs": 9, "prompts_per_step": 6, "watched_responses": 1}
    trainer(tmp_path, **settings).train()
    assert caplog.text.count("the preferred responses become unlikely") == 1


def test_a_fall_without_a_rising_margin_is_no_collapse():
    fallen = [
        {"drift/chosen": 0.0, "rewards/margins": 1.0},
        {"drift/chosen": -0.5, "rewards/margins": 0.5},
    ]
    assert not collapsed(fallen)
    assert collapsed([*fallen, {"drift/chosen": -0.5, "rewards/margins": 1.5}])
    assert fell_too_far(fallen, 0.4)
    assert not fell_too_far(fallen, 0.6)
    assert not fell_too_far(fallen, None)


class Poison(TrainerCallback):
    """Makes the model produce what is not a number."""

    def __init__(self, step: int) -> None:
        self._step = step

    def on_step_begin(self, args, state, control, model=None, **kwargs) -> None:
        if state.global_step == self._step:
            next(p for p in model.parameters() if p.requires_grad).data.fill_(float("nan"))


def test_a_number_that_is_none_stops_the_run_and_keeps_the_batch(tmp_path):
    run = trainer(tmp_path, callbacks=[Poison(2)], per_device_train_batch_size=2)
    with pytest.raises(UserError, match=r"stopped at step 3.*in rows .*kept in"):
        run.train()
    kept = json.loads((tmp_path / "nonfinite-step-3.json").read_text())
    assert len(kept["responses"]) == 8
    assert {"row", "ids", "response_starts_at", "mean_logprob"} <= set(kept["responses"][0])


def test_a_gradient_that_is_not_finite_stops_the_run(tmp_path):
    run = trainer(tmp_path)
    run.model.register_full_backward_hook(lambda *_: None)
    parameter = next(p for p in run.model.parameters() if p.requires_grad)
    parameter.register_hook(lambda gradient: gradient * float("inf"))
    with pytest.raises(UserError, match="the gradient is not a finite number"):
        run.train()


def test_unsafe_settings_need_to_be_told_twice(tmp_path):
    assert config(tmp_path, gamma=5.0, allow_unsafe=["gamma"]).gamma == 5.0
    with pytest.raises(UserError, match=r"learning_rate 0.001 is beyond 0.0002.*an adapter"):
        trainer(tmp_path, allow_unsafe=[])
    with pytest.raises(UserError, match="most known to be safe for all weights"):
        trainer(tmp_path, adapter=None, learning_rate=1e-5, allow_unsafe=[])


def test_it_trains_all_weights_with_nothing_set(tmp_path):
    args = PriorityConfig(output_dir=str(tmp_path), use_cpu=True, report_to="none", max_steps=1)
    run = PriorityTrainer(tiny_model(), args, preferences(), processing_class=tiny_tokenizer())
    run.train()
    assert run.args.learning_rate == 1e-6
    assert args.learning_rate is None  # The same settings serve for an adapter.
    adapted = PriorityTrainer(
        tiny_model(), args, preferences(), processing_class=tiny_tokenizer(), peft_config=LORA
    )
    assert adapted.args.learning_rate == 1e-5
    assert adapted.args.output_dir == args.output_dir


def test_models_that_cannot_be_trained(tmp_path):
    with pytest.raises(UserError, match="not a causal language model"):
        trainer(tmp_path, model=tiny_model().model, adapter=None)
    tuning = PromptTuningConfig(task_type=TaskType.CAUSAL_LM, num_virtual_tokens=2)
    with pytest.raises(UserError, match="virtual tokens"):
        trainer(tmp_path, adapter=tuning)
    with pytest.raises(UserError, match="no tokenizer lies beside it"):
        PriorityTrainer(tiny_model(), config(tmp_path), preferences())


def test_no_data(tmp_path):
    with pytest.raises(UserError, match="there is no train_dataset"):
        PriorityTrainer(tiny_model(), config(tmp_path), processing_class=tiny_tokenizer()).train()
    with pytest.raises(UserError, match="no rows"):
        trainer(tmp_path, Dataset.from_list(preference_rows()).select([]))
    with pytest.raises(UserError, match="there is no eval_dataset"):
        trainer(tmp_path).evaluate()
