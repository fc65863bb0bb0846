"""Trains the policy on the pairs (docs/method.md, step 7)."""

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from primum.engines.models.lineage import is_adapter
from primum.recipe import Recipe
from primum.recipe.schema import EngineSettings, Sampling
from primum.run.layout import (
    CHECKPOINTS,
    MODEL,
    PAIRS,
    TRAINING,
    TRAINING_LOG,
    of_objective,
    of_seed,
)
from primum.run.stage import Given, Stage, StageFacts
from primum.seeds import derive_seed
from primum.training.files import TrainingFiles
from primum.training.train import train

_SEEDS = 2**32
"""Seeds that NumPy's global generator takes, which training sets."""


def train_policy(given: Given, number: int = 1) -> StageFacts:
    """A better model, and how training went.

    Args:
        given: What the stage is handed.
        number: Which training seed, counted from 1.
    """
    seed = given.settings.seed
    files = TrainingFiles(
        model=given.path(of_seed(MODEL, number)),
        summary=given.path(of_seed(TRAINING, number)),
        checkpoints=given.path(of_seed(CHECKPOINTS, number)),
        log=given.path(of_seed(TRAINING_LOG, number)),
    )
    own = seed if number == 1 else derive_seed(seed, "training", number) % _SEEDS
    return _train(given, given.path(PAIRS), files, own)


def train_objective(given: Given, number: int, model: str, *, to_merge: bool = False) -> StageFacts:
    """A model that is better on one objective, and how training went.

    Args:
        given: What the stage is handed.
        number: Which objective, in order of priority, counted from 1.
        model: Where the model goes, relative to the round.
        to_merge: Whether it will be merged with those of the other objectives.

    Raises:
        UserError: If it could not be merged, since it starts from an adapter of another kind.
    """
    if to_merge and is_adapter(start := Path(given.policy)):
        # Only here: the process that launches others needs no PyTorch.
        from primum.training.soups import check_mergeable

        check_mergeable(start)
    files = TrainingFiles(
        model=given.path(model),
        summary=given.path(of_objective(TRAINING, number)),
        checkpoints=given.path(of_objective(CHECKPOINTS, number)),
        log=given.path(of_objective(TRAINING_LOG, number)),
    )
    return _train(given, given.path(of_objective(PAIRS, number)), files, given.settings.seed)


def _train(given: Given, pairs: Path, files: TrainingFiles, seed: int) -> StageFacts:
    """Trains the policy, which is also the reference of losses that have one.

    Args:
        given: What the stage is handed.
        pairs: The pairs.
        files: Where everything goes.
        seed: Of adapter weights and order.
    """
    engine = given.settings.engine
    place = EngineSettings(
        device=engine.device, dtype=engine.dtype, trust_remote_code=engine.trust_remote_code
    )
    summary = train(
        str(pairs),
        given.policy,
        files,
        Recipe(
            seed=seed,
            engine=place,
            sampling=Sampling(thinking=given.settings.sampling.thinking),
            training=given.settings.training,
        ),
        on_progress=given.progress.step,
    )
    return {key: value for key, value in asdict(summary).items() if key != "history"}


STAGE = Stage(
    name="train",
    body=train_policy,
    settings=(
        "seed",
        "engine.device",
        "engine.dtype",
        "engine.trust_remote_code",
        "sampling.thinking",
        "training",
    ),
    inputs=("policy",),
    reads=(PAIRS,),
    writes=(MODEL, TRAINING),
    scratch=(CHECKPOINTS, TRAINING_LOG),
)


def stage_of_seed(number: int) -> Stage:
    """The stage that trains on the same pairs from another seed.

    Args:
        number: Which training seed, counted from 1.
    """
    if number == 1:
        return STAGE
    return replace(
        STAGE,
        name=of_seed(STAGE.name, number),
        body=partial(train_policy, number=number),
        writes=tuple(of_seed(file, number) for file in STAGE.writes),
        scratch=tuple(of_seed(file, number) for file in STAGE.scratch),
    )


def stage_of_objective(number: int, *, last: bool = False, to_merge: bool = False) -> Stage:
    """The stage that trains on the pairs of one objective alone.

    Args:
        number: Which objective, in order of priority, counted from 1.
        last: Whether its model is the round's, since no other comes after it.
        to_merge: Whether it will be merged with those of the other objectives.
    """
    model = MODEL if last else of_objective(MODEL, number)
    return replace(
        STAGE,
        name=of_objective(STAGE.name, number),
        body=partial(train_objective, number=number, model=model, to_merge=to_merge),
        reads=(of_objective(PAIRS, number),),
        writes=(model, of_objective(TRAINING, number)),
        scratch=tuple(of_objective(file, number) for file in STAGE.scratch),
    )
