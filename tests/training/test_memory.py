"""The most memory that training held."""

import torch

from primum.training.watch import memory

CPU = torch.device("cpu")
MEBIBYTE = 1 << 20


def test_the_peak_counts_what_was_held_since_it_was_forgotten():
    memory.forget_peak(CPU)
    before = memory.peak(CPU)
    held = torch.ones(64 * MEBIBYTE // 4)
    assert memory.peak(CPU) - before > 40 * MEBIBYTE
    del held
    assert memory.peak(CPU) - before > 40 * MEBIBYTE


def test_where_there_is_no_proc_it_is_that_of_the_whole_life(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "_PROCESS", tmp_path)
    memory.forget_peak(CPU)
    assert memory.peak(CPU) > 50 * MEBIBYTE


def test_a_device_that_does_not_say_is_unknown():
    assert memory.peak(torch.device("mps")) is None
