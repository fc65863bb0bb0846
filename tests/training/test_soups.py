"""Models merged by weight."""

import json
import shutil

import pytest
import torch
from peft import LoraConfig, get_peft_model
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from primum.engines.models.lineage import name_base
from primum.engines.models.loading import load
from primum.errors import UserError
from primum.training.soups import check_mergeable, soup_of
from tests.tiny import save_tiny, tiny_model, tiny_tokenizer

KINDS = {
    "lora": {"r": 2, "lora_alpha": 8},
    "rslora": {"r": 3, "lora_alpha": 5, "use_rslora": True},
    "pattern": {"r": 2, "rank_pattern": {"q_proj": 5}, "alpha_pattern": {"v_proj": 7}},
    "embeddings": {"r": 2, "target_modules": ["embed_tokens", "q_proj"]},
}


@pytest.fixture
def base(tmp_path):
    return save_tiny(tmp_path / "base")


@pytest.fixture
def make_adapter(base, tmp_path):
    """An adapter whose factors are both away from zero."""

    def make(name, seed, model=base, **settings):
        torch.manual_seed(seed)
        config = LoraConfig(
            **{"target_modules": "all-linear", "task_type": "CAUSAL_LM", **settings}
        )
        adapted = get_peft_model(load(str(model), dtype="float32").model, config)
        for parameter in adapted.parameters():
            if parameter.requires_grad:
                parameter.data.normal_(std=0.3)
        folder = tmp_path / name
        adapted.save_pretrained(folder)
        tiny_tokenizer().save_pretrained(folder)
        name_base(folder, str(model))
        return folder

    return make


def weights_of(folder):
    """A model's weights as an engine computes with them: adapters are in them."""
    network = load(str(folder), dtype="float32").model
    return {name: value.detach() for name, value in network.state_dict().items()}


def rank_of(folder):
    return json.loads((folder / "adapter_config.json").read_text())["r"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_adapter_soup_s_update_is_the_weighted_sum_of_the_updates(
    kind, base, make_adapter, tmp_path
):
    adapters = [make_adapter("one", 1, **KINDS[kind]), make_adapter("two", 2, **KINDS[kind])]
    soup_of(adapters, (6, 4), tmp_path / "soup")
    start, first, second = map(weights_of, (base, *adapters))
    changed = 0
    for name, value in weights_of(tmp_path / "soup").items():
        before = start.get(name, start["model.embed_tokens.weight"])
        wanted = 0.6 * (first[name] - before) + 0.4 * (second[name] - before)
        torch.testing.assert_close(value - before, wanted, atol=2e-6, rtol=1e-5)
        changed += bool(wanted.any())
    assert changed > 3


def test_adapters_of_unequal_ranks_and_scales_are_put_side_by_side(make_adapter, tmp_path):
    adapters = [
        make_adapter("one", 1, r=2, lora_alpha=8),
        make_adapter("two", 2, r=5, lora_alpha=3, target_modules=["q_proj", "up_proj"]),
        make_adapter("three", 3, r=1, lora_alpha=1, use_rslora=True),
    ]
    soup_of(adapters, (1, 2, 1), tmp_path / "soup")
    assert rank_of(tmp_path / "soup") == 8
    parts = [weights_of(folder) for folder in adapters]
    for name, value in weights_of(tmp_path / "soup").items():
        wanted = sum(share * p[name] for share, p in zip((0.25, 0.5, 0.25), parts, strict=True))
        torch.testing.assert_close(value, wanted, atol=2e-6, rtol=1e-5)


def test_a_base_in_half_precision_does_not_round_the_factors(make_adapter, tmp_path):
    half = tmp_path / "half"
    tiny_model().to(torch.bfloat16).save_pretrained(half)
    tiny_tokenizer().save_pretrained(half)
    adapters = [make_adapter(name, at, model=half, r=2) for at, name in enumerate(("one", "two"))]
    soup_of(adapters, (1, 1), tmp_path / "soup")
    merged = load_file(tmp_path / "soup" / "adapter_model.safetensors")
    parts = [load_file(folder / "adapter_model.safetensors") for folder in adapters]
    for name, value in merged.items():
        assert value.dtype == torch.float32
        if "lora_B" in name:
            torch.testing.assert_close(value, torch.cat([p[name] for p in parts], 1))


def test_equal_soups_are_equal_files_that_can_be_trained_further(make_adapter, tmp_path):
    adapters = [make_adapter("one", 1, r=2), make_adapter("two", 2, r=2)]
    for name in ("soup", "again"):
        soup_of(adapters, (6, 4), tmp_path / name)
    one, other = (load(str(tmp_path / name), trainable=True) for name in ("soup", "again"))
    assert one.fingerprint == other.fingerprint
    assert not list(tmp_path.glob(".*"))
    assert any("lora_" in n and p.requires_grad for n, p in one.model.named_parameters())
    soup_of(adapters, (4, 6), tmp_path / "again")
    assert load(str(tmp_path / "again")).fingerprint != one.fingerprint


def test_what_weighs_nothing_is_left_out(make_adapter, tmp_path):
    adapters = [make_adapter("one", 1, r=2), make_adapter("two", 2, r=2)]
    soup_of(adapters, (0, 3), tmp_path / "soup")
    first, second = (
        folder / "adapter_model.safetensors" for folder in (tmp_path / "soup", adapters[1])
    )
    assert first.read_bytes() == second.read_bytes()
    soup_of(adapters, (3,), tmp_path / "soup")
    assert first.read_bytes() == (adapters[0] / "adapter_model.safetensors").read_bytes()


@pytest.fixture
def full(tmp_path):
    """Two models of all weights, in half precision and several files, with a table of integers."""
    folders = []
    for seed in (1, 2):
        folder = tmp_path / f"full-{seed}"
        tiny_model(seed).to(torch.bfloat16).save_pretrained(folder, max_shard_size="20KB")
        tiny_tokenizer().save_pretrained(folder)
        folders.append(folder)
    return folders


def tensors(folder):
    files = sorted(folder.glob("*.safetensors"))
    return {name: value for file in files for name, value in load_file(file).items()}


def test_full_weights_are_averaged_tensor_by_tensor(full, tmp_path):
    soup_of(full, (3, 1), tmp_path / "soup")
    first, second, merged = map(tensors, (*full, tmp_path / "soup"))
    assert len(list(full[0].glob("*.safetensors"))) > 2
    assert merged.keys() == first.keys()
    for name, value in merged.items():
        wanted = 0.75 * first[name].float() + 0.25 * second[name].float()
        assert value.dtype == torch.bfloat16
        assert torch.equal(value, wanted.to(torch.bfloat16))
    assert all(torch.equal(value, first[name]) for name, value in tensors(full[0]).items())
    assert load(str(tmp_path / "soup")).model.config.vocab_size == 400


def test_no_more_than_one_tensor_of_each_model_is_read_at_a_time(full, tmp_path, monkeypatch):
    read = []

    class Watched:
        def __init__(self, file, framework):
            self._file = safe_open(file, framework)

        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def get_tensor(self, name):
            read.append(name)
            return self._file.get_tensor(name)

    monkeypatch.setattr("primum.training.soups.safe_open", Watched)
    soup_of(full, (1, 1), tmp_path / "soup")
    assert read == [name for name in dict.fromkeys(read) for _ in full]


def test_a_table_that_is_no_weight_is_kept_where_it_is_the_same(full, tmp_path):
    places = [next(iter(sorted(folder.glob("*.safetensors")))) for folder in full]
    for place in places:
        save_file({**load_file(place), "table": torch.arange(5)}, place, {"format": "pt"})
    soup_of(full, (1, 1), tmp_path / "soup")
    assert torch.equal(tensors(tmp_path / "soup")["table"], torch.arange(5))
    save_file({**load_file(places[1]), "table": torch.arange(1, 6)}, places[1], {"format": "pt"})
    with pytest.raises(UserError, match="table is not the same kind of tensor"):
        soup_of(full, (1, 1), tmp_path / "soup")
    assert torch.equal(tensors(tmp_path / "soup")["table"], torch.arange(5))


def test_models_that_cannot_be_merged_are_refused(base, full, make_adapter, tmp_path):
    plain = make_adapter("plain", 1, r=2)
    dora = make_adapter("dora", 2, r=2, use_dora=True)
    biased = make_adapter("biased", 3, r=2, lora_bias=True)
    other = make_adapter("other", 4, model=save_tiny(tmp_path / "elsewhere", seed=5), r=2)
    above = make_adapter("above", 5, r=2)
    config = json.loads((above / "adapter_config.json").read_text())
    stands = {**config, "base_model_name_or_path": str(plain)}
    (above / "adapter_config.json").write_text(json.dumps(stands))
    for models, said in {
        (plain, dora): "lora_magnitude_vector.*add up",
        (plain, biased): "lora_B.bias",
        (plain, base): "is an adapter and .*base holds full weights",
        (plain, other): "stand on different models",
        (plain, above): "stand on different models",
        (base, full[0]): "not the same kind of tensor",
        (base, tmp_path): "holds no weights",
    }.items():
        with pytest.raises(UserError, match=said):
            soup_of(models, (1, 1), tmp_path / "soup")
    assert not (tmp_path / "soup").exists()
    check_mergeable(plain)


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ((), "no objective's model a weight above 0"),
        ((0, 0), "no objective's model a weight above 0"),
        ((1, 2, 3), "holds 3 numbers, but there are 2 objectives"),
        ((float("inf"), 1), "numbers from 0 up"),
        ((-1, 2), "numbers from 0 up"),
    ],
)
def test_weights_that_make_no_soup_are_refused(weights, said, full, tmp_path):
    with pytest.raises(UserError, match=said):
        soup_of(full, weights, tmp_path / "soup")


def test_a_model_that_lacks_a_weight_is_refused(full, tmp_path):
    (place, *_) = sorted(full[1].glob("*.safetensors"))
    content = load_file(place)
    content.pop(next(iter(content)))
    save_file(content, place, {"format": "pt"})
    with pytest.raises(UserError, match="do not have the same weights"):
        soup_of(full, (1, 1), tmp_path / "soup")


def test_a_soup_that_is_there_is_replaced(full, tmp_path):
    shutil.copytree(full[0], tmp_path / "soup")
    (tmp_path / "soup" / "left").write_text("")
    soup_of(full, (1, 1), tmp_path / "soup")
    assert not (tmp_path / "soup" / "left").exists()
