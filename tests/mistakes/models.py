"""Mistakes with models."""

import json
import shutil

from safetensors.torch import load_file, save_file

from tests.mistakes.place import Mistake, Place

ALIGN = "primum align prompts.txt --model {} --out runs/first"


def _cut(place: Place) -> None:
    weights = place.copy_model("half") / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:40_000])


def _pointer(place: Place) -> None:
    (place.copy_model("cloned") / "model.safetensors").write_text(
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 4\n"
    )


def _base(place: Place) -> None:
    folder = place.copy_model("base", "chat_template*")
    file = folder / "tokenizer_config.json"
    config = json.loads(file.read_text())
    config.pop("chat_template", None)
    file.write_text(json.dumps(config))


def _pickled(place: Place) -> None:
    (place.copy_model("old", "*.safetensors") / "pytorch_model.bin").write_bytes(b"x")


def _shards(place: Place) -> None:
    folder = place.copy_model("shards")
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    weights = load_file(folder / "model-00001-of-00002.safetensors")
    index = {"metadata": {}, "weight_map": {name: f"model-0000{1 + at % 2}-of-00002.safetensors" for at, name in enumerate(weights)}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def _adapter(place: Place) -> None:
    folder = place.copy_run() / "model"
    shutil.copytree(folder, place.folder / "adapter")
    file = place.folder / "adapter" / "adapter_config.json"
    config = json.loads(file.read_text())
    config["base_model_name_or_path"] = "/home/somebody/else"
    file.write_text(json.dumps(config))


MISTAKES = (
    Mistake("A model's folder that is not there", ALIGN.format("./my-modle")),
    Mistake("A bundled model with a typing error", ALIGN.format("bundled:smollm-135m")),
    Mistake("A gated model of the hub, without a token", ALIGN.format("clinic/gated-7b"), hub=True),
    Mistake("A model's name on the hub with a typing error", ALIGN.format("smollm/SmolLM2-135-Instruct"), hub=True),
    Mistake("A model of the hub, without network", ALIGN.format("HuggingFaceTB/SmolLM2-135M-Instruct")),
    Mistake("The hub's address in the place of the name", ALIGN.format("https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct")),
    Mistake("A folder without config.json", ALIGN.format("./weights"), lambda place: place.copy_model("weights", "config.json")),
    Mistake("A folder without a tokenizer", ALIGN.format("./bare"), lambda place: place.copy_model("bare", "tokenizer*", "special*", "chat_template*")),
    Mistake("A base model, without a chat template", ALIGN.format("./base")+ " sampling.max_tokens=8", _base, scripted=True),
    Mistake("Weights of which half was downloaded", ALIGN.format("./half"), _cut),
    Mistake("Weights of which one file is missing", ALIGN.format("./shards"), _shards),
    Mistake("A clone without git-lfs", ALIGN.format("./cloned"), _pointer),
    Mistake("Pickled weights", ALIGN.format("./old"), _pickled),
    Mistake("A GGUF file in the place of a folder", ALIGN.format("./model-q4.gguf"), lambda place: place.write("model-q4.gguf", b"GGUF")),
    Mistake("A safetensors file in the place of its folder", ALIGN.format("./weights/model.safetensors"), lambda place: place.copy_model("weights")),
    Mistake("An adapter whose base has moved", ALIGN.format("./adapter"), _adapter),
    Mistake("A run in the place of a model", ALIGN.format("runs/earlier"), lambda place: place.copy_run("runs/earlier")),
    Mistake("A GPU where there is none", ALIGN.format("./my-model") + " engine.device=cuda"),
    Mistake("No --model", "primum align prompts.txt --out runs/first"),
    Mistake("vLLM that is not installed", ALIGN.format("./my-model") + " engine.kind=vllm"),
)
