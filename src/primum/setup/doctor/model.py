"""Whether a model can be used here, from its configuration alone."""

from collections.abc import Iterator
from typing import Any

from primum.errors import UserError
from primum.report.drawing.text import model_name, one_line, size_text
from primum.setup.doctor.health import HealthCheck


def check_recipe(recipe: str) -> HealthCheck:
    """Whether a recipe can be loaded."""
    from primum.recipe import load_recipe

    try:
        found = load_recipe(recipe)
    except UserError as error:
        return HealthCheck("recipe", "problem", one_line(str(error)), "mend it as it says")
    return HealthCheck("recipe", "ok", f"{one_line(found.name)}, judges: {found.judging.kind}")


def check_model(model: str) -> Iterator[HealthCheck]:
    """Whether a model is found, of a kind that can be run, and small enough; loads no weights."""
    try:
        built = _without_weights(model)
    except UserError as error:
        yield HealthCheck(
            "model", "problem", one_line(str(error)), "mend it, or name another model"
        )
        return
    yield HealthCheck("model", "ok", f"{model_name(model)}: {type(built).__name__} can be used")
    yield _fits(built.num_parameters())


def _without_weights(model: str) -> Any:
    """The model on no device.

    Raises:
        UserError: If it cannot be found, read or run.
    """
    import torch
    from transformers import AutoModelForCausalLM

    from primum.engines.local.support import check_layers
    from primum.engines.models.failures import told
    from primum.engines.models.files import check_files
    from primum.engines.models.reference import read_config, resolve

    for folder in resolve(model).folders:
        check_files(folder)
    config = read_config(model)
    with told(f"the model {model}"), torch.device("meta"):
        built = AutoModelForCausalLM.from_config(config)
    check_layers(built)
    return built


def _fits(parameters: int) -> HealthCheck:
    """Whether the weights alone leave room where they would be computed with."""
    import torch

    from primum.engines.models.devices import USABLE, choose_device, choose_dtype

    place = choose_device("auto")
    needed = parameters * choose_dtype("auto", place).itemsize
    if place.type == "cuda":
        there = int(torch.cuda.get_device_properties(place).total_memory)
    else:
        import psutil

        there = int(psutil.virtual_memory().total)
    said = f"the weights take {size_text(needed)} of the {size_text(there)} of {place.type}"
    remedy = "primum align … --dry-run --fit says which settings fit"
    if needed > USABLE * there:
        return HealthCheck("room", "problem", f"{said}: it does not fit", f"{remedy}, if any do")
    return HealthCheck("room", "ok", f"{said}; answers and training take more", remedy)
