"""Builds the engine that a recipe asks for.

Each kind of engine is imported when it is asked for, since PyTorch, vLLM and Ray take seconds.
"""

from functools import partial

from primum.engines.base import Engine, SequenceClassifier
from primum.engines.openai.server import SERVED
from primum.recipe.schema import EngineSettings


def build_engine(settings: EngineSettings, model: str) -> Engine:
    """An engine that runs the model, or replicas of one in a Ray cluster.

    Args:
        settings: The kind of engine and how it runs.
        model: See `engines.models.reference.resolve`; or `openai:NAME`, the model of that name at
            `engine.openai.base_url`, whatever kind the settings name.
    """
    if settings.kind == "openai" or model.startswith(SERVED):
        return _on_server(settings, model)
    if settings.replicas > 1 or settings.cluster is not None:
        from primum.engines.ray.engine import RayEngine

        alone = settings.model_copy(update={"replicas": 1, "cluster": None})
        return RayEngine(
            partial(build_engine, alone, model),
            settings.replicas,
            cluster=settings.cluster,
            device=settings.device,
        )
    if settings.kind == "vllm":
        from primum.engines.vllm.engine import VllmEngine

        return VllmEngine.from_name(model, settings)
    from primum.engines.local.engine import TransformersEngine

    return TransformersEngine.from_name(
        model,
        device=settings.device,
        dtype=settings.dtype,
        trust_remote_code=settings.trust_remote_code,
        batch_size=settings.batch_size,
    )


def _on_server(settings: EngineSettings, model: str) -> Engine:
    from primum.engines.openai.engine import OpenAIEngine

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


def build_classifier(model: str) -> SequenceClassifier:
    """A classification model by its name, on whichever device is best."""
    from primum.engines.local.classifier import load_classifier

    return load_classifier(model)
