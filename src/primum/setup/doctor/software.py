"""Python, the packages, the extras, and the bundled model."""

import importlib.util
import platform
from collections.abc import Iterator
from importlib import metadata

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from primum.engines.extras import how_to_install
from primum.setup.doctor.health import HealthCheck
from primum.store.manifest import installed_version

_EXTRAS = {
    "vllm": "vLLM as the engine",
    "ray": "several GPUs or hosts",
    "quantized": "QLoRA and 8-bit optimisers",
    "tracking": "TensorBoard",
    "eval": "tasks of lm-eval as guards",
    "inspect": "logs for Inspect",
}


def check_python() -> HealthCheck:
    """The interpreter's version, by what the package asks for."""
    wanted = metadata.metadata("primum")["Requires-Python"]
    version = platform.python_version()
    said = f"Python {version} on {platform.system()}, {platform.machine()}"
    if SpecifierSet(wanted).contains(version, prereleases=True):
        return HealthCheck("python", "ok", said)
    return HealthCheck("python", "problem", said, f"primum needs Python {wanted}; install one")


def check_packages() -> Iterator[HealthCheck]:
    """The packages that primum cannot do without, each against the version that it asks for."""
    wrong = 0
    required = [Requirement(text) for text in metadata.requires("primum") or ()]
    for package in required:
        if package.marker is not None and not package.marker.evaluate({"extra": ""}):
            continue
        found = installed_version(package.name)
        if found is None or not package.specifier.contains(found, prereleases=True):
            wrong += 1
            said = f"{package.name} {found or 'is not installed'}"
            wanted = f"pip install '{package.name}{package.specifier}'"
            yield HealthCheck("packages", "problem", said, wanted)
    if not wrong:
        shown = ("torch", "transformers", "accelerate", "peft")
        named = ", ".join(f"{name} {installed_version(name)}" for name in shown)
        yield HealthCheck("packages", "ok", f"{named}; all others are recent enough")


def check_extras() -> Iterator[HealthCheck]:
    """What only some runs need: installed, or how to install it."""
    for extra, purpose in _EXTRAS.items():
        package = _package_of(extra)
        if package is None:
            continue
        found = installed_version(package)
        if found is None:
            remedy = f"only if you need it: {how_to_install(extra)}"
            yield HealthCheck("extras", "ok", f"{extra} ({purpose}) is not installed", remedy)
        else:
            yield HealthCheck("extras", "ok", f"{extra} ({purpose}): {package} {found}")


def check_bundled() -> HealthCheck:
    """Whether the small model that comes with primum is installed."""
    from primum.engines.models.bundled import BUNDLED, INSTALL

    [(name, package)] = BUNDLED.items()
    if importlib.util.find_spec(package) is not None:
        return HealthCheck("bundled model", "ok", f"bundled:{name} is installed")
    return HealthCheck(
        "bundled model",
        "note",
        f"bundled:{name} is not installed; runs with another model do not need it",
        INSTALL,
    )


def _package_of(extra: str) -> str | None:
    """The package that an extra brings; None where this version of primum has no such extra."""
    for text in metadata.requires("primum") or ():
        package = Requirement(text)
        marker = package.marker
        if marker and marker.evaluate({"extra": extra}) and not marker.evaluate({"extra": ""}):
            return package.name
    return None
