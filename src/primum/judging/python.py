"""`python`: the user's own function judges."""

import hashlib
import importlib
import inspect
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from primum.constitution import Constitution
from primum.documents import nearest
from primum.errors import UserError
from primum.judging.base import Item, Score
from primum.messages import as_dicts

NO_SCORE = "the function gave no score"


@dataclass(frozen=True)
class FunctionJudge:
    """Calls a function for every response.

    Args:
        name: `module:function`, for messages.
        function: Takes the prompt as a list of `{"role", "content"}` and the response as text;
            returns a mapping from objective to a number on the scale, or to None where there is
            no score. None for the whole means that all are missing.
        constitution: The objectives and the scale.
        fingerprint: Identifies the function's code.
    """

    name: str
    function: Callable[[list[dict[str, str]], str], Any]
    constitution: Constitution
    fingerprint: str

    def judge(self, items: Sequence[Item]) -> Iterator[tuple[int, tuple[Score, ...]]]:
        """See `Judge.judge`.

        Raises:
            UserError: If the function fails, or returns something else than scores.
        """
        for index, item in enumerate(items):
            try:
                returned = self.function(as_dicts(item.messages), item.response)
            except Exception as error:
                raise UserError(
                    f"{self.name} raised {type(error).__name__} ({error}) on the response "
                    f"{item.response[:60]!r}; return None where there is no score"
                ) from error
            yield index, self._scores(returned)

    def _scores(self, returned: Any) -> tuple[Score, ...]:
        names = [objective.name for objective in self.constitution.objectives]
        if returned is None:
            return (Score(None, missing=NO_SCORE),) * len(names)
        if not isinstance(returned, Mapping):
            raise UserError(
                f"{self.name} returned {_shown(returned)}; it must return a mapping from objective "
                f"to score, such as {{{names[0]!r}: {self.constitution.scale.high:g}}}, or None"
            )
        for name in names:
            if name not in returned:
                given = [str(key) for key in returned]
                near = nearest(name, given, count=1)
                hint = f" (is {near[0]!r} meant for it?)" if near else ""
                raise UserError(
                    f"{self.name} returned no score for the objective {name!r}{hint}; return None "
                    "for it where there is none"
                )
        return tuple(self._score(name, returned[name]) for name in names)

    def _score(self, objective: str, value: Any) -> Score:
        if value is None:
            return Score(None, missing=NO_SCORE)
        low, high = self.constitution.scale
        is_number = isinstance(value, Real) and not isinstance(value, bool)
        if not is_number or math.isnan(value) or not low <= value <= high:
            raise UserError(
                f"{self.name} returned {_shown(value)} for the objective {objective!r}; a score is "
                f"a number from {low:g} to {high:g}, or None where there is none"
            )
        return Score(float(value))


def load_function(name: str) -> Callable[..., Any]:
    """Imports a function.

    Args:
        name: `module:function`; modules are found in the working directory and where installed.

    Raises:
        UserError: If there is no such module or function.
    """
    module_name, _, function_name = name.partition(":")
    if not module_name or not function_name:
        raise UserError(
            f"judging.function is {name!r}; write it as module:function, such as my_judge:score"
        )
    if os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise UserError(
            f"judging.function: the module {module_name!r} could not be imported "
            f"({type(error).__name__}: {error}); it must lie in the working directory or be "
            "installed"
        ) from error
    function = getattr(module, function_name, None)
    if not callable(function):
        known = [key for key, value in vars(module).items() if callable(value)]
        near = nearest(function_name, known, count=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise UserError(
            f"judging.function: the module {module_name!r} has no function {function_name!r}{hint}"
        )
    found: Callable[..., Any] = function
    return found


def function_fingerprint(name: str) -> str:
    """Identifies a function by its name and the source of its module, where that can be read."""
    module = inspect.getmodule(load_function(name)) or sys.modules[name.partition(":")[0]]
    try:
        source = inspect.getsource(module)
    except (OSError, TypeError):
        source = ""
    return hashlib.sha256(f"{name}|{source}".encode()).hexdigest()[:16]


def function_judge(name: str, constitution: Constitution) -> FunctionJudge:
    """The judge that a user's function makes (see `load_function`)."""
    identity = f"{function_fingerprint(name)}{constitution.fingerprint}"
    digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
    return FunctionJudge(name, load_function(name), constitution, f"python:{digest}")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
