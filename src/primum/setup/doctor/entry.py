"""All checks, in the order in which a first run would meet what they look at."""

from collections.abc import Iterator

from primum.setup.doctor.hardware import check_cards, check_memory, check_processor
from primum.setup.doctor.health import HealthCheck
from primum.setup.doctor.model import check_model, check_recipe
from primum.setup.doctor.software import (
    check_bundled,
    check_extras,
    check_packages,
    check_python,
)
from primum.setup.doctor.storage import check_cache, check_disk, check_hub, check_hub_cache


def examine_machine(model: str | None = None, recipe: str | None = None) -> tuple[HealthCheck, ...]:
    """Looks whether this machine is ready for a run. Loads no model.

    Args:
        model: Look at this model, too: a folder, a hub name, or a bundled one. The configuration
            of a hub model is loaded from the hub.
        recipe: Look at this recipe, too.
    """
    return tuple(_checks(model, recipe))


def _checks(model: str | None, recipe: str | None) -> Iterator[HealthCheck]:
    yield check_python()
    yield from check_packages()
    yield from check_cards()
    yield check_processor()
    yield check_memory()
    yield check_disk()
    yield check_cache()
    yield check_hub_cache()
    yield check_hub()
    yield check_bundled()
    yield from check_extras()
    if recipe is not None:
        yield check_recipe(recipe)
    if model is not None:
        yield from check_model(model)
