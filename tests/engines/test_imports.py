"""What a typo in a recipe waits for: names are resolved without the libraries that models need."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "transformers", "peft", "scipy", "sklearn", "ray", "vllm", "datasets")
MODULES = (
    "primum.engines.base",
    "primum.engines.build",
    "primum.engines.models.reference",
    "primum.engines.openai",
    "primum.engines.ray.engine",
    "primum.engines.recorded",
    "primum.engines.scripted",
    "primum.judging",
)


@pytest.mark.parametrize("module", MODULES)
def test_no_heavy_library_is_imported(module):
    program = f"import sys, {module}; print([m for m in {HEAVY} if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
