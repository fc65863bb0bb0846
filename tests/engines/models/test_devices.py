"""Devices and number formats, on hardware that is not at hand too."""

import pytest
import torch

from primum.engines.models.devices import choose_device, choose_dtype
from primum.errors import UserError

CPU, CUDA, MPS = (torch.device(name) for name in ("cpu", "cuda", "mps"))


@pytest.fixture
def hardware(monkeypatch):
    def pretend(*, cards=0, mps=False):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cards > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: cards)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return pretend


def test_auto_takes_the_best_device(hardware):
    hardware(cards=2, mps=True)
    assert choose_device("auto") == CUDA
    hardware(mps=True)
    assert choose_device("auto") == MPS
    hardware()
    assert choose_device("auto") == CPU


def test_a_device_is_taken_by_its_name(hardware):
    hardware(cards=2)
    assert choose_device("cuda:1") == torch.device("cuda:1")
    assert choose_device("cpu") == CPU


@pytest.mark.parametrize("device", ["cuda", "cuda:1", "mps"])
def test_a_device_that_is_absent_is_refused(hardware, device):
    hardware(cards=1 if device == "cuda:1" else 0)
    with pytest.raises(UserError, match=f"engine.device={device} is not at hand"):
        choose_device(device)


def test_what_names_no_device_is_refused():
    with pytest.raises(UserError, match="names no device"):
        choose_device("gpu")


@pytest.mark.parametrize(
    ("found", "onednn", "expected"),
    [
        ({"avx2": True, "avx512_bf16": False}, True, torch.float32),
        ({"avx512_bf16": True}, True, torch.bfloat16),
        ({"amx_bf16": True}, True, torch.bfloat16),
        ({"neon": True, "bf16": True}, True, torch.bfloat16),
        ({"neon": True, "bf16": True}, False, torch.float32),
        ({"neon": True}, True, torch.float32),
    ],
)
def test_a_cpu_computes_in_bfloat16_where_it_can(monkeypatch, found, onednn, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: onednn)
    assert choose_dtype("auto", CPU) == expected


@pytest.mark.parametrize("able", [True, False])
def test_an_old_card_or_system_takes_another_format(monkeypatch, able):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: able)
    monkeypatch.setattr(torch.backends.mps, "is_macos_or_newer", lambda *version: able)
    assert choose_dtype("auto", CUDA) == (torch.bfloat16 if able else torch.float16)
    assert choose_dtype("auto", MPS) == (torch.bfloat16 if able else torch.float32)


def test_a_format_is_taken_by_its_name():
    assert choose_dtype("float16", CPU) == torch.float16
