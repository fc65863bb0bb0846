"""Builds the engine that a recipe asks for."""

from functools import partial

from primum.engines.base import Engine
from primum.engines.replicated import ReplicatedEngine
from primum.engines.transformers import TransformersEngine
from primum.recipe.schema import EngineSettings


def build_engine(settings: EngineSettings, model: str) -> Engine:
    """An engine with the model loaded, or replicas of it in a Ray cluster that load it when needed.

    Args:
        settings: The kind of engine and how it runs.
        model: See `engines.loading.resolve`.
    """
    if settings.replicas > 1 or settings.cluster is not None:
        alone = settings.model_copy(update={"replicas": 1, "cluster": None})
        return ReplicatedEngine(
            partial(build_engine, alone, model),
            settings.replicas,
            cluster=settings.cluster,
            device=settings.device,
        )
    return TransformersEngine.from_name(
        model,
        device=settings.device,
        dtype=settings.dtype,
        trust_remote_code=settings.trust_remote_code,
        batch_size=settings.batch_size,
    )
