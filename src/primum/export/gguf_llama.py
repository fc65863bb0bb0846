"""Models of Llama's architecture as a GGUF file, written by the package `gguf`."""

from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType

from primum.engines.models.loading import Loaded
from primum.errors import UserError
from primum.export.gguf_tokenizer import TokenList, add_tokenizer, vocabulary_of

FORMATS: dict[torch.dtype, tuple[str, GGMLQuantizationType, LlamaFileType]] = {
    torch.float32: ("F32", GGMLQuantizationType.F32, LlamaFileType.ALL_F32),
    torch.float16: ("F16", GGMLQuantizationType.F16, LlamaFileType.MOSTLY_F16),
    torch.bfloat16: ("BF16", GGMLQuantizationType.BF16, LlamaFileType.MOSTLY_BF16),
}
"""By a number format: its name in file names, that of a tensor, and that of a file."""


def vocabulary_for(loaded: Loaded) -> TokenList:
    """The vocabulary of a model that can be written here.

    Raises:
        UserError: If it cannot; the message says why, as part of a sentence.
    """
    config = loaded.model.config
    if config.model_type != "llama":
        raise UserError(f"its architecture is {config.model_type}, and only llama is written here")
    rope = config.rope_parameters or {}
    if rope.get("rope_type", "default") != "default":
        raise UserError(f"its positions are scaled ({rope['rope_type']})")
    if config.attention_bias or config.mlp_bias or config.hidden_act != "silu":
        raise UserError("it has biases or an activation that Llama has not")
    return vocabulary_of(loaded.chat.tokenizer, config.vocab_size)


def write_llama(loaded: Loaded, words: TokenList, file: Path, *, name: str) -> None:
    """Writes weights, settings, tokenizer and chat template.

    Args:
        loaded: The model, in the format in which it is to be stored.
        words: Its vocabulary.
        file: Where it goes.
        name: What the file calls the model.
    """
    writer = GGUFWriter(file, "llama")
    try:
        _add_settings(writer, loaded.model.config, name)
        add_tokenizer(writer, loaded.chat, words)
        _add_weights(writer, loaded.model)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
    finally:
        writer.close()


def _add_settings(writer: GGUFWriter, config: Any, name: str) -> None:
    writer.add_type("model")
    writer.add_name(name)
    writer.add_file_type(FORMATS[config.dtype][2])
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_rope_dimension_count(config.head_dim)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    writer.add_vocab_size(config.vocab_size)


def _add_weights(writer: GGUFWriter, model: Any) -> None:
    config = model.config
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.num_hidden_layers)
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        place = names.get_name(name, try_suffixes=(".weight",))
        if place is None:
            raise UserError(f"the tensor {name} has no name in GGUF")
        # llama.cpp computes with one-dimensional weights in float32 alone.
        kind = FORMATS[tensor.dtype if tensor.dim() > 1 else torch.float32][1]
        values = tensor.to(torch.float32).cpu().numpy()
        if name.endswith("q_proj.weight"):
            values = _interleaved(values, config.num_attention_heads)
        elif name.endswith("k_proj.weight"):
            values = _interleaved(values, config.num_key_value_heads)
        writer.add_tensor(place, gguf.quantize(values, kind), raw_dtype=kind)


def _interleaved(weights: np.ndarray, heads: int) -> np.ndarray:
    """The rows in the order of ggml, which rotates neighbours, not the two halves of a head.

    Args:
        weights: Those of queries or keys, of shape (heads × head size, hidden size).
        heads: How many heads the rows belong to.
    """
    halves = weights.reshape(heads, 2, weights.shape[0] // heads // 2, -1)
    return halves.swapaxes(1, 2).reshape(weights.shape)
