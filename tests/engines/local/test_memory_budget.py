"""The arithmetic of the memory budget."""

import pytest
import torch
from transformers import LlamaConfig

from primum.engines.local import memory_budget
from primum.engines.local.memory_budget import (
    Costs,
    container_memory,
    costs,
    free_bytes,
    limits_within,
)

GIB = 1 << 30


def llama_8b(**changes):
    settings = {
        "vocab_size": 128256,
        "hidden_size": 4096,
        "intermediate_size": 14336,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
    }
    return LlamaConfig(**settings | changes)


def test_keys_and_values_of_a_token_of_llama_8b_take_128_kib():
    assert costs(llama_8b(), torch.bfloat16).cached == 32 * 8 * 128 * 2 * 2 == 128 * 1024
    assert costs(llama_8b(), torch.float32).cached == 256 * 1024


def test_logits_count_in_single_precision_beside_the_model_s_own():
    assert costs(llama_8b(), torch.bfloat16).drawn == 128256 * (2 + 3 * 4)


def test_limits_keep_within_the_free_memory():
    cost = Costs(cached=1000, forwarded=8000, drawn=25_500)
    found = limits_within(1_000_000_000, cost, "cuda")
    assert found.held == 500_000
    assert found.forward == 16_384  # More at once gains nothing.
    assert found.row == 26
    scarce = limits_within(10_000_000, cost, "cuda")
    assert scarce.held == 5_000
    assert scarce.forward == 200
    used = scarce.held * cost.cached + scarce.forward * (cost.forwarded + 2 * cost.cached)
    assert used <= 10_000_000


def test_a_cpu_forwards_no_more_than_its_cache_likes():
    assert limits_within(64 * GIB, Costs(1, 1, 1), "cpu").forward == 4096


def test_something_is_always_tried():
    assert limits_within(0, Costs(1000, 1000, 1000), "cpu").forward == 1
    assert limits_within(0, Costs(1000, 1000, 1000), "cpu").held == 1


def write_group(folder, most, used, stat="inactive_file 0\n"):
    (folder / "memory.max").write_text(most)
    (folder / "memory.current").write_text(used)
    (folder / "memory.stat").write_text(stat)


def test_a_container_s_limit_counts_without_files_lately_read(tmp_path):
    assert container_memory(tmp_path) is None
    write_group(tmp_path, "max\n", "5\n")
    assert container_memory(tmp_path) is None
    write_group(tmp_path, "1000\n", "700\n", "anon 3\ninactive_file 200\n")
    assert container_memory(tmp_path) == 500
    write_group(tmp_path, "1000\n", "1700\n")
    assert container_memory(tmp_path) == 0


def test_free_memory_of_a_cpu_is_within_its_container(tmp_path, monkeypatch):
    monkeypatch.setattr(memory_budget, "_CGROUP", tmp_path)
    assert free_bytes(torch.device("cpu")) > 1_000_000
    write_group(tmp_path, "1000\n", "700\n")
    assert free_bytes(torch.device("cpu")) == 300


@pytest.mark.parametrize("reserved", [0, 5])
def test_what_cuda_holds_unused_is_free(monkeypatch, reserved):
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (70, 100))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda device: 10 + reserved)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda device: 10)
    assert free_bytes(torch.device("cuda")) == 70 + reserved
