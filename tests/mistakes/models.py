"""Mistakes with models."""

import json
import shutil

from safetensors import safe_open

from tests.mistakes.place import Mistake, Place


def _align(model: str, *words: str) -> str:
    return " ".join(["primum align prompts.txt --model", model, "--out runs/first", *words])


def _half(place: Place) -> None:
    weights = place.copy_model("my-half") / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:40_000])


def _clone(place: Place) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 4\n"
    (place.copy_model("my-clone") / "model.safetensors").write_text(pointer)


def _shards(place: Place) -> None:
    folder = place.copy_model("my-shards")
    first, second = (f"model-0000{number}-of-00002.safetensors" for number in (1, 2))
    (folder / "model.safetensors").rename(folder / first)
    with safe_open(folder / first, "pt") as weights:
        names = list(weights.keys())
    files = {name: second if at % 2 else first for at, name in enumerate(names)}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": files}))


def _base(place: Place) -> None:
    folder = place.copy_model("my-base", "chat_template*")
    file = folder / "tokenizer_config.json"
    config = json.loads(file.read_text())
    config.pop("chat_template", None)
    file.write_text(json.dumps(config))
    place.answer_quickly()


def _pickled(place: Place) -> None:
    (place.copy_model("my-old", "*.safetensors") / "pytorch_model.bin").write_bytes(b"x")


def _adapter(place: Place) -> None:
    shutil.copytree(place.run / "model", place.folder / "my-adapter")
    file = place.folder / "my-adapter" / "adapter_config.json"
    config = json.loads(file.read_text())
    file.write_text(json.dumps(config | {"base_model_name_or_path": "/home/ben/llama"}))


MISTAKES = (
    Mistake("The folder is not there", _align("./my-modle")),
    Mistake("A bundled model with a typing error", _align("bundled:smollm-135m")),
    Mistake(
        "A name of the hub with a typing error",
        _align("clinics/assistant-7b"),
        Place.refuse,
    ),
    Mistake("A gated model, without a token", _align("clinic/gated-7b"), Place.refuse),
    Mistake("A model of the hub, offline", _align("HuggingFaceTB/SmolLM2-135M-Instruct")),
    Mistake(
        "The hub's address in the place of the name",
        _align("https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct"),
    ),
    Mistake(
        "A folder without config.json",
        _align("./my-weights"),
        lambda place: place.copy_model("my-weights", "config.json"),
    ),
    Mistake(
        "The folder above the model's",
        _align("./models"),
        lambda place: place.copy_model("models/assistant"),
    ),
    Mistake(
        "A folder without a tokenizer",
        _align("./my-bare"),
        lambda place: place.copy_model("my-bare", "tokenizer*", "special*", "chat_template*"),
    ),
    Mistake(
        "A base model, without a chat template", _align("./my-base", "denoising.tau=0.0001"), _base
    ),
    Mistake("Weights of which half was downloaded", _align("./my-half"), _half),
    Mistake("Weights of which one file is missing", _align("./my-shards"), _shards),
    Mistake("A clone without git-lfs", _align("./my-clone"), _clone),
    Mistake("Pickled weights", _align("./my-old"), _pickled),
    Mistake(
        "A GGUF file in the place of a folder",
        _align("./assistant-q4.gguf"),
        lambda place: place.write("assistant-q4.gguf", b"GGUF"),
    ),
    Mistake(
        "The file of weights in the place of its folder",
        _align("./my-weights/model.safetensors"),
        lambda place: place.copy_model("my-weights"),
    ),
    Mistake("An adapter whose base is not there", _align("./my-adapter"), _adapter),
    Mistake(
        "A run in the place of a model",
        _align("runs/earlier"),
        lambda place: place.copy_run("runs/earlier"),
    ),
    Mistake(
        "A GPU where there is none",
        _align("./my-model", "engine.device=cuda"),
        lambda place: place.patch("torch.cuda.is_available", return_value=False),
    ),
    Mistake(
        "A server that does not run",
        _align(
            "./my-model",
            "engine.kind=openai engine.openai.retries=0 \\\n  "
            "engine.openai.base_url=http://127.0.0.1:9/v1",
        ),
    ),
    Mistake("A server without an address", _align("./my-model", "engine.kind=openai")),
    Mistake(
        "A server's address without http",
        _align("./my-model", "engine.kind=openai engine.openai.base_url=127.0.0.1:8000/v1"),
    ),
    Mistake(
        "A server's address without /v1",
        _align("./my-model", "engine.kind=openai engine.openai.base_url=http://127.0.0.1:8000"),
        Place.refuse,
    ),
    Mistake(
        "A server that does not know the key",
        _align("./my-model", "engine.kind=openai engine.openai.base_url=http://127.0.0.1:8000/v1"),
        Place.refuse,
    ),
    Mistake(
        "A key among the settings",
        _align("./my-model", "engine.kind=openai engine.openai.api_key=sk-123"),
    ),
)
