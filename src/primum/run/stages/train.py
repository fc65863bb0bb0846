"""Trains the policy on the pairs (docs/method.md, step 7)."""

from dataclasses import asdict

from primum.recipe import Recipe
from primum.recipe.schema import EngineSettings, Sampling
from primum.run.layout import CHECKPOINTS, MODEL, PAIRS, TRAINING, TRAINING_LOG
from primum.run.stage import Given, Stage, StageFacts
from primum.training.files import TrainingFiles
from primum.training.train import train


def train_policy(given: Given) -> StageFacts:
    """A better model, and how training went."""
    engine = given.settings.engine
    place = EngineSettings(
        device=engine.device, dtype=engine.dtype, trust_remote_code=engine.trust_remote_code
    )
    summary = train(
        str(given.path(PAIRS)),
        given.policy,
        TrainingFiles(
            model=given.path(MODEL),
            summary=given.path(TRAINING),
            checkpoints=given.path(CHECKPOINTS),
            log=given.path(TRAINING_LOG),
        ),
        Recipe(
            seed=given.settings.seed,
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
