"""Builds the engine that a recipe asks for."""

from functools import partial

from primum.engines.base import Engine
from primum.engines.local.engine import TransformersEngine
from primum.engines.openai import SERVED, OpenAIEngine
from primum.engines.ray.engine import ReplicatedEngine
from primum.engines.vllm.engine import VllmEngine
from primum.recipe.schema import EngineSettings


def build_engine(settings: EngineSettings, model: str) -> Engine:
    """An engine that runs the model, or replicas of one in a Ray cluster.

    Args:
        settings: The kind of engine and how it runs.
        model: See `engines.models.loading.resolve`; or `openai:NAME`, the model of that name at
            `engine.openai.base_url`, whatever kind the settings name.
    """
    if settings.kind == "openai" or model.startswith(SERVED):
        named = model.startswith(SERVED)
        name = model.removeprefix(SERVED)
        return OpenAIEngine.connect(
            settings.openai,
            name,
            served=name if named else settings.openai.served_model or name,
            trust_remote_code=settings.trust_remote_code,
            # A model that only a server is known to have is looked for on this machine alone.
            download=not named,
        )
    if settings.replicas > 1 or settings.cluster is not None:
        alone = settings.model_copy(update={"replicas": 1, "cluster": None})
        return ReplicatedEngine(
            partial(build_engine, alone, model),
            settings.replicas,
            cluster=settings.cluster,
            device=settings.device,
        )
    if settings.kind == "vllm":
        return VllmEngine.from_name(model, settings)
    return TransformersEngine.from_name(
        model,
        device=settings.device,
        dtype=settings.dtype,
        trust_remote_code=settings.trust_remote_code,
        batch_size=settings.batch_size,
    )
