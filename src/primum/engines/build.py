"""Builds the engine that a recipe asks for."""

from primum.engines.base import Engine
from primum.engines.transformers import TransformersEngine
from primum.recipe.schema import EngineSettings


def build_engine(settings: EngineSettings, model: str) -> Engine:
    """An engine with the model loaded.

    Args:
        settings: The kind of engine and how it runs.
        model: See `engines.loading.resolve`.
    """
    return TransformersEngine.from_name(
        model,
        device=settings.device,
        dtype=settings.dtype,
        trust_remote_code=settings.trust_remote_code,
        batch_size=settings.batch_size,
    )
