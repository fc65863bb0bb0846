"""What all tests share: offline, few threads, a cache of their own."""

import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("OMP_NUM_THREADS", "1")
# A fault of ours shows its traceback, also in a process that a test starts.
os.environ.setdefault("PRIMUM_DEBUG", "1")

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from transformers.utils import logging

from tests.tiny import save_tiny

logging.disable_progress_bar()
# The same examples everywhere: a test fails for a change, not by luck or a slow machine.
settings.register_profile(
    "repeatable",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tiny model."""
    return save_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def shared_data() -> Path:
    """Public data with human labels; tests that need it skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs ../shared/data (public data with human labels), which is absent here")
    return SHARED_DATA
