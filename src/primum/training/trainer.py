"""`PriorityTrainer`: preference training that pays per response, exactly."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate.utils import DistributedType
from datasets import Dataset
from peft import PeftConfig, PeftModel
from torch import Tensor, nn
from torch.utils.data import DataLoader
from transformers import PreTrainedModel, PreTrainedTokenizerBase, Trainer, TrainerCallback
from transformers.trainer_utils import EvalLoopOutput, TrainOutput, set_seed

from primum.engines.models.chat import ChatFormat
from primum.errors import UserError
from primum.training.config import PriorityConfig
from primum.training.data.datasets import EvalData, group_set, group_sets
from primum.training.data.encoding import Encoded
from primum.training.data.groups import Group, Groups
from primum.training.data.loader import Slot, StepLoader, StepSampler
from primum.training.network.isolation import IsolationTrial, isolation_trial
from primum.training.network.packing import choose_layout
from primum.training.network.prepare import (
    adapter_inputs_uncast,
    causal_lm_of,
    load_trainable,
    tokenizer_of,
    with_adapter,
)
from primum.training.step.dispatch import Dispatcher
from primum.training.step.loss import pairs_of_step
from primum.training.step.metrics import step_metrics
from primum.training.step.optimizer_step import OptimizerStep
from primum.training.step.reference import ReferenceLogprobs
from primum.training.watch.drift import DriftWatch
from primum.training.watch.nonfinite import stop_at_nonfinite, stop_at_nonfinite_gradient


class PriorityTrainer(Trainer):
    """Trains on preference data, each distinct response forwarded once per optimizer step.

    Args:
        model: A causal language model, one with a PEFT adapter to train further, or a name that
            `primum.engines.models.reference.resolve` understands.
        args: Settings.
        train_dataset: TRL's preference format: `prompt`, `chosen`, `rejected`, as chat messages
            or text; for some losses also scores or marks (see `read_preferences`).
        eval_dataset: Likewise, or several by name.
        processing_class: The tokenizer; None takes the one beside the model.
        peft_config: An adapter to put on the model.
        callbacks: As in Trainer.
        optimizers: As in Trainer.

    Raises:
        UserError: If a setting is out of its safe range or a row of the data is unusable.
    """

    args: PriorityConfig
    _isolation: IsolationTrial | None

    def __init__(
        self,
        model: str | PreTrainedModel | PeftModel,
        args: PriorityConfig | None = None,
        train_dataset: Dataset | None = None,
        eval_dataset: EvalData = None,
        processing_class: PreTrainedTokenizerBase | None = None,
        peft_config: PeftConfig | None = None,
        callbacks: list[TrainerCallback] | None = None,
        optimizers: tuple[Any, Any] = (None, None),
    ) -> None:
        args = args or PriorityConfig()
        if args.n_gpu > 1:
            args._n_gpu = 1  # One process drives one device; `accelerate launch` starts more.
        set_seed(args.seed)
        if isinstance(model, str):
            model = load_trainable(model, args.device, adapter=peft_config is not None).model
        zero3 = args.deepspeed_plugin is not None and args.deepspeed_plugin.zero_stage == 3
        policy = with_adapter(model, peft_config, sharded_by_deepspeed=zero3)
        args = args.settled(adapter=isinstance(policy, PeftModel))
        inside = causal_lm_of(policy)
        self._settings = args.loss_settings()
        self.chat = ChatFormat(processing_class or tokenizer_of(inside))
        self._sets = group_sets(train_dataset, eval_dataset, self.chat, args)
        self._isolation = isolation_trial(inside, self._sets, args.max_length)
        self._step: OptimizerStep | None = None
        self._resumed_from: Path | None = None
        self._metrics: dict[str, list[float]] = defaultdict(list)
        self._step_began = time.perf_counter()
        self._reference = ReferenceLogprobs(self._sets.named, args)
        self._drift = DriftWatch(
            self._measure_drift, sum(len(r.ids) for r in self._reference.watched), args.max_drift
        )
        super().__init__(
            model=policy,
            args=args,
            train_dataset=self._sets.train,
            eval_dataset=self._sets.evaluation,
            processing_class=self.chat.tokenizer,
            callbacks=[self._drift, *(callbacks or [])],
            optimizers=optimizers,
        )
        self._dispatcher = Dispatcher(
            rank=args.process_index,
            ranks=args.world_size,
            layout=choose_layout(inside),
            pad_id=self.chat.pad_id,
            device=args.device,
            budget=args.tokens_per_batch,
            per_batch=self._train_batch_size,
            add_up=lambda values: self.accelerator.reduce(values, "sum"),
            thought_weight=args.thought_weight,
        )

    def train(self, resume_from_checkpoint: str | bool | None = None, **kwargs: Any) -> TrainOutput:  # type: ignore[override]
        """As `Trainer.train`."""
        if isinstance(resume_from_checkpoint, str):
            self._resumed_from = Path(resume_from_checkpoint).parent
        with adapter_inputs_uncast(self.accelerator.unwrap_model(self.model)):
            return super().train(resume_from_checkpoint=resume_from_checkpoint, **kwargs)

    def training_step(
        self, model: nn.Module, inputs: Any, num_items_in_batch: Tensor | int | None = None
    ) -> Tensor:
        """Runs one of the parts (accumulation steps) of an optimizer step.

        Args:
            model: The wrapped model.
            inputs: A `Slot`.
            num_items_in_batch: Not used: losses are normalised by the step's pairs.

        Returns:
            The whole step's loss for the last part, zero for those before it.
        """
        slot: Slot = inputs
        if slot["slot"] == 0:
            self._step_began = time.perf_counter()
            self._step = self._begin([self.train_groups.items[i] for i in slot["groups"]])
        step = self._step
        assert step is not None
        model.train()
        if callable(switch := getattr(self.optimizer, "train", None)):
            switch()
        if slot["slot"] == 0:
            step.cache(model)
        finishing = self.accelerator.sync_gradients
        loss = torch.zeros((), device=self.args.device)
        for turn in step.slot(slot["slot"]):
            last = finishing and turn == step.turns - 1
            loss = self._forward_backward(model, step, turn, last=last)
        return loss

    def get_train_dataloader(self) -> DataLoader[Any]:
        """Yields `Slot`s."""
        args = self.args
        shuffled = args.train_sampling_strategy != "sequential"
        seed = args.seed if args.data_seed is None else args.data_seed
        sampler = StepSampler(
            len(self.train_groups),
            self.get_total_train_batch_size(args),
            args.gradient_accumulation_steps,
            seed if shuffled else None,
            args.dataloader_drop_last,
        )
        return StepLoader(len(self.train_groups), sampler)

    def get_total_train_batch_size(self, args: Any) -> int:
        """Prompts in one optimizer step."""
        return int(args.prompts_per_step or super().get_total_train_batch_size(args))

    def get_eval_dataloader(self, eval_dataset: Any = None) -> DataLoader[Any]:
        """Yields all groups of an evaluation set in one slot."""
        fresh = isinstance(eval_dataset, Dataset)
        groups = (
            group_set(eval_dataset, self.chat, self.args)
            if fresh
            else self._sets.wanted(eval_dataset if isinstance(eval_dataset, str) else None)
        )
        sampler = StepSampler(len(groups), len(groups), 1, None, False)
        loader = StepLoader(len(groups), sampler)
        loader.groups = groups
        return loader

    def evaluation_loop(
        self,
        dataloader: DataLoader[Any],
        description: str,
        prediction_loss_only: bool | None = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
    ) -> EvalLoopOutput:
        """Scores every response of an evaluation set once; all its pairs make one step.

        Args:
            dataloader: From `get_eval_dataloader`.
            description: Not used.
            prediction_loss_only: Not used: there are no predictions beside the metrics.
            ignore_keys: Not used.
            metric_key_prefix: Goes before every metric's name.
        """
        groups: Groups = dataloader.groups  # type: ignore[attr-defined]
        self._ensure_reference()
        means = self._mean_logprobs([r for group in groups.items for r in group.responses])
        reference = self._reference.reference(groups.items)
        pairs = pairs_of_step(groups.items, self._settings, reference, torch.device("cpu"))
        metrics = step_metrics(self._settings, pairs, means)
        metrics["loss"] = float(pairs.losses(self._settings, means).mean())
        named = {f"{metric_key_prefix}_{name}": value for name, value in metrics.items()}
        return EvalLoopOutput(np.empty(0), None, named, len(groups))

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Adds the means of the step metrics since the last time."""
        if "loss" in logs:
            for name, values in self._metrics.items():
                logs[name] = sum(values) / len(values)
            self._metrics.clear()
            logs["num_tokens"] = self.state.num_input_tokens_seen
            logs |= self._drift.take()
        super().log(logs, start_time)

    @property
    def train_groups(self) -> Groups:
        """The training data.

        Raises:
            UserError: If there is none.
        """
        if self._sets.train is None:
            raise UserError("there is no train_dataset; pass one to PriorityTrainer")
        return self._sets.train

    @property
    def _folder(self) -> Path:
        return Path(str(self.args.output_dir))

    def _mean_logprobs(self, sequences: Sequence[Encoded]) -> Tensor:
        with adapter_inputs_uncast(self.accelerator.unwrap_model(self.model)):
            if self._isolation is not None:
                trial, self._isolation = self._isolation, None
                self._dispatcher = trial.settle(self._dispatcher, self.model_wrapped, sequences)
            return self._dispatcher.mean_logprobs(self.model_wrapped, sequences)

    def _ensure_reference(self) -> None:
        """Knows the starting model's log-probabilities before the first step changes it."""
        if self._reference.known:
            return
        if self.state.global_step == 0:
            self._reference.compute(self._mean_logprobs)
        else:
            self._reference.load(self._resumed_from or self._folder)

    def _measure_drift(self) -> float:
        return self._reference.drift(self._mean_logprobs)

    def _begin(self, groups: Sequence[Group]) -> OptimizerStep:
        """Plans a step."""
        self._ensure_reference()
        if self._isolation is not None:
            self._mean_logprobs(groups[0].responses[:1])
        if self.state.global_step == 0 and self.args.should_save:
            self._reference.save(self._folder)
        reference = self._reference.reference(groups)
        pairs = pairs_of_step(groups, self._settings, reference, self.args.device)
        turns = self.args.gradient_accumulation_steps
        return OptimizerStep(groups, pairs, self._settings, self._dispatcher, turns)

    def _forward_backward(
        self, model: nn.Module, step: OptimizerStep, turn: int, *, last: bool
    ) -> Tensor:
        """Adds one micro-batch's gradient; ranks exchange gradients after the last one alone.

        Args:
            model: The wrapped model.
            step: The step.
            turn: Which of its micro-batches.
            last: Whether it is the step's last one.

        Returns:
            The step's loss for its last micro-batch, otherwise zero.
        """
        self.accelerator.gradient_state._set_sync_gradients(last)
        deepspeed = self.accelerator.distributed_type == DistributedType.DEEPSPEED
        value = torch.zeros((), device=self.args.device)
        with nullcontext() if last or deepspeed else self.accelerator.no_sync(model=model):
            # Ranks average their gradients, but a step's gradient is the sum over its pairs.
            loss = step.loss(model, turn) * self.args.world_size
            if last:
                # Before the backward pass, at whose end DeepSpeed takes the optimizer's step.
                value = step.value()
                self._guard(stop_at_nonfinite, step)
            self.accelerator.backward(loss, **({"scale_wrt_gas": False} if deepspeed else {}))
        if last:
            self._note(step)
        return value

    def _note(self, step: OptimizerStep) -> None:
        """Keeps a finished step's figures for the log."""
        seconds = time.perf_counter() - self._step_began
        self.state.num_input_tokens_seen += step.tokens
        figures = step_metrics(self._settings, step.pairs, step.means)
        for name, value in (figures | {"tokens_per_second": step.tokens / seconds}).items():
            self._metrics[name].append(value)

    def _guard(self, stop: Callable[..., None], *about: Any) -> None:
        stop(*about, self.state.global_step + 1, self._folder, write=self.args.should_save)

    def _clip_grad_norm(self, model: nn.Module) -> Any:
        norm = super()._clip_grad_norm(model)  # type: ignore[no-untyped-call]
        self._guard(stop_at_nonfinite_gradient, norm, self._step)
        return norm
