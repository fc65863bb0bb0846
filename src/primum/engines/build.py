"""Builds the engine that a recipe asks for."""

from primum.engines.base import Engine
from primum.engines.transformers import TransformersEngine
from primum.engines.vllm import VllmEngine
from primum.recipe.schema import EngineSettings


def build_engine(settings: EngineSettings, model: str) -> Engine:
    """An engine that runs the model.

    Args:
        settings: The kind of engine and how it runs.
        model: See `engines.loading.resolve`.
    """
    if settings.kind == "vllm":
        return VllmEngine.from_name(model, settings)
    return TransformersEngine.from_name(
        model,
        device=settings.device,
        dtype=settings.dtype,
        trust_remote_code=settings.trust_remote_code,
        batch_size=settings.batch_size,
    )
