"""Packages that are called like a function: `primum.audit(…)`, beside `primum.audit.trust`."""

from collections.abc import Mapping
from importlib import import_module
from inspect import Signature, signature
from types import ModuleType
from typing import Any


class CallablePackage(ModuleType):
    """A package that stands for the function of its own name in its module `entry`.

    The public names `primum.audit` and `primum.forecast` would otherwise be the function or the
    package, depending on what was imported last. `entry` is imported when it is first needed, so
    that importing the package costs nothing. A package makes itself one with
    `sys.modules[__name__].__class__ = CallablePackage`.
    """

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Calls the function."""
        return self._function(*given, **named)

    @property
    def __signature__(self) -> Signature:
        """The function's, for help and editors."""
        return signature(self._function)

    @property
    def _function(self) -> Any:
        entry = import_module(f"{self.__name__}.entry")
        return getattr(entry, self.__name__.rpartition(".")[2])


def lazy(package: str, homes: Mapping[str, str], name: str) -> Any:
    """A package's public name, imported when it is first asked for.

    Args:
        package: The package.
        homes: The module of every public name.
        name: The name.

    Raises:
        AttributeError: If the package has no such name.
    """
    if name not in homes:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    return getattr(import_module(homes[name]), name)
