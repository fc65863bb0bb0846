"""Trains the policy on the pairs (docs/method.md, step 7)."""

from dataclasses import asdict, replace
from functools import partial

from primum.recipe import Recipe
from primum.recipe.schema import EngineSettings, Sampling
from primum.run.layout import CHECKPOINTS, MODEL, PAIRS, TRAINING, TRAINING_LOG, of_seed
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
    engine = given.settings.engine
    place = EngineSettings(
        device=engine.device, dtype=engine.dtype, trust_remote_code=engine.trust_remote_code
    )
    summary = train(
        str(given.path(PAIRS)),
        given.policy,
        TrainingFiles(
            model=given.path(of_seed(MODEL, number)),
            summary=given.path(of_seed(TRAINING, number)),
            checkpoints=given.path(of_seed(CHECKPOINTS, number)),
            log=given.path(of_seed(TRAINING_LOG, number)),
        ),
        Recipe(
            seed=seed if number == 1 else derive_seed(seed, "training", number) % _SEEDS,
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
