"""`primum.audit` and `primum.forecast` are both called and imported from."""

import subprocess
import sys
from inspect import signature

import pytest

import primum
from primum.errors import UserError


@pytest.mark.parametrize(
    "lines",
    [
        "import primum; call = primum.audit; import primum.audit.trust; again = primum.audit",
        "import primum.audit.trust; import primum; call = primum.audit; again = primum.audit",
        "from primum.audit import audit; import primum; call = again = primum.audit",
    ],
)
def test_a_package_is_the_function_whatever_is_imported_first(lines):
    code = f"{lines}\nassert callable(call) and call is again\n"
    code += "import primum.audit.trust\nassert primum.audit.trust.Trust"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_calling_the_package_calls_the_function():
    with pytest.raises(UserError, match="either a finished run or a model"):
        primum.audit()
    assert "model" in signature(primum.audit).parameters
    assert "engine" in signature(primum.forecast).parameters


def test_nothing_heavy_is_imported_before_the_call():
    code = (
        "import sys, primum\n"
        "primum.audit, primum.forecast\n"
        "import primum.audit, primum.forecast\n"
        "assert not {'torch', 'transformers', 'scipy', 'pyarrow'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_name_that_is_not_there_is_said_to_be_none():
    with pytest.raises(AttributeError, match=r"primum\.audit.*'verdict'"):
        primum.audit.verdict  # noqa: B018
