"""Tiny tokenizers and templates with the structure of model families, each made in a moment."""

from collections.abc import Callable, Sequence
from functools import cache

from tokenizers import (
    AddedToken,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    trainers,
)
from transformers import PreTrainedTokenizerFast

from tests.tiny import CHATML

LEARNED = [
    "a healthy question about the law: what may a patient know, and what must a doctor say?",
    "Hello! I am fine, thank you. User and assistant write system, model and [INST] turns.",
] * 5
BYTES = [f"<0x{value:02X}>" for value in range(256)]


def finished(tokenizer: Tokenizer, template: str | None, **names: str) -> PreTrainedTokenizerFast:
    """A tokenizer as Transformers has it."""
    made = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names)
    made.chat_template = template
    return made


def byte_level(
    template: str | None,
    special: Sequence[str | AddedToken],
    plain: Sequence[str] = (),
    *,
    bos: str,
    eos: str,
) -> PreTrainedTokenizerFast:
    """As of GPT-2, Llama 3, Qwen and Phi."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=380, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(LEARNED, trainer)
    tokenizer.add_special_tokens([_added(token, special=True) for token in special])
    tokenizer.add_tokens([_added(token, special=False) for token in plain])
    return finished(tokenizer, template, bos_token=bos, eos_token=eos)


def _added(token: str | AddedToken, *, special: bool) -> AddedToken:
    if isinstance(token, AddedToken):
        return token
    return AddedToken(token, normalized=False, special=special)


def sentence_pieces(
    template: str | None,
    special: Sequence[str] = (),
    plain: Sequence[str] = (),
    *,
    prefix: str,
    bos: str = "<s>",
    eos: str = "</s>",
) -> PreTrainedTokenizerFast:
    """As of Llama 2, Mistral and Gemma.

    Args:
        template: The chat template.
        special: Special tokens besides BOS and EOS.
        plain: Other added tokens.
        prefix: Where a space is put: before every stretch between tokens (`each`), before the
            text alone (`first`) or nowhere (`none`).
        bos: The token at the beginning.
        eos: The token at the end.
    """
    learner = Tokenizer(models.BPE(unk_token="<unk>"))
    learner.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    trainer = trainers.BpeTrainer(
        vocab_size=560, special_tokens=["<unk>", bos, eos, *BYTES], show_progress=False
    )
    learner.train_from_iterator(LEARNED, trainer)
    learned = _model_of(learner)
    merges = [tuple(pair) for pair in learned["merges"]]
    model = models.BPE(
        vocab=learned["vocab"],
        merges=merges,
        byte_fallback=True,
        unk_token="<unk>",
        fuse_unk=True,
    )
    tokenizer = Tokenizer(model)
    space = normalizers.Replace(" ", "▁")
    if prefix == "first":
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    elif prefix == "each":
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), space])
    else:
        tokenizer.normalizer = space
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    tokenizer.add_special_tokens(
        [_added(token, special=True) for token in ("<unk>", bos, eos, *special)]
    )
    tokenizer.add_tokens([_added(token, special=False) for token in plain])
    return finished(tokenizer, template, bos_token=bos, eos_token=eos, unk_token="<unk>")


def _model_of(tokenizer: Tokenizer) -> dict:
    import json

    return json.loads(tokenizer.to_str())["model"]


def unigram(template: str | None) -> PreTrainedTokenizerFast:
    """As of T5 and XLNet: pieces with scores, the special ones in the vocabulary too."""
    signs = sorted({sign for text in LEARNED for sign in text.replace(" ", "▁")})
    words = sorted({f"▁{word}" for text in LEARNED for word in text.split()})
    pieces = [("<unk>", 0.0), ("<s>", 0.0), ("</s>", 0.0), ("<pad>", 0.0)]
    pieces += [(sign, -6.0) for sign in signs]
    pieces += [(piece, -8.0) for piece in words if len(piece) > 2]
    pieces += [(byte, -9.0) for byte in BYTES]
    unique = list({piece: (piece, score) for piece, score in pieces}.values())
    tokenizer = Tokenizer(models.Unigram(unique, unk_id=0, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    tokenizer.add_special_tokens(
        [AddedToken(each, normalized=False, special=True) for each in ("<s>", "</s>", "<pad>")]
    )
    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
    return finished(tokenizer, template, **names)


ALTERNATING = (
    "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('user and assistant must take turns') }}{% endif %}{% endfor %}"
)
MISTRAL = ALTERNATING + (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}"
    "{{ '[INST] ' + m.content + ' [/INST]' }}"
    "{% else %}{{ ' ' + m.content + eos_token }}{% endif %}{% endfor %}"
)
ZEPHYR = (
    "{% for m in messages %}{{ '<|' + m.role + '|>\n' + m.content + eos_token + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"
)
VICUNA = (
    "{% for m in messages %}{% if m.role == 'system' %}{{ m.content + ' ' }}"
    "{% elif m.role == 'user' %}{{ 'USER: ' + m.content + ' ' }}"
    "{% else %}{{ 'ASSISTANT: ' + m.content + eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}"
)
GEMMA = (
    ALTERNATING + "{{ bos_token }}"
    "{% for m in messages %}{% set who = 'model' if m.role == 'assistant' else m.role %}"
    "{{ '<start_of_turn>' + who + '\n' + m.content | trim + '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)
PHI3 = (
    "{{ bos_token }}{% for m in messages %}"
    "{% if m.role == 'user' %}{{ '<|user|>\n' + m.content + '<|end|>\n<|assistant|>\n' }}"
    "{% elif m.role == 'assistant' %}{{ m.content + '<|end|>\n' }}{% endif %}{% endfor %}"
)
LLAMA3 = (
    "{{ bos_token }}{% for m in messages %}"
    "{{ '<|start_header_id|>' + m.role + '<|end_header_id|>\n\n' + m.content | trim }}"
    "{{ '<|eot_id|>' }}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
QWEN3 = (
    "{% if tools %}{{ '<|im_start|>system\nTools:' }}{% for t in tools %}{{ '\n' + t | tojson }}"
    "{% endfor %}{{ '<|im_end|>\n' }}{% endif %}"
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' }}"
    "{% if m.role == 'assistant' and loop.last %}"
    "{{ '<think>\n' + (m.reasoning_content or '') + '\n</think>\n\n' }}{% endif %}"
    "{{ m.content.split('</think>')[-1].lstrip('\n') if m.role == 'assistant' else m.content }}"
    "{% for call in m.tool_calls or [] %}"
    "{{ '\n<tool_call>\n' + call.function | tojson + '\n</tool_call>' }}{% endfor %}"
    "{{ '<|im_end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}"
    "{% if enable_thinking is defined and not enable_thinking %}"
    "{{ '<think>\n\n</think>\n\n' }}{% endif %}{% endif %}"
)
R1 = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}{{ '<|User|>' + m.content }}"
    "{% elif m.role == 'system' %}{{ m.content }}"
    "{% else %}{{ '<|Assistant|>' + m.content.split('</think>')[-1] + '<|eos|>' }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|Assistant|><think>\n' }}{% endif %}"
)
CHATML_TOKENS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_CHATML = {"bos": "<|endoftext|>", "eos": "<|im_end|>"}
_THINK = ("<think>", "</think>", "<tool_call>", "</tool_call>")
_S = {"bos": "<s>", "eos": "</s>"}

FAMILIES: dict[str, Callable[[], PreTrainedTokenizerFast]] = {
    "chatml": lambda: byte_level(CHATML, CHATML_TOKENS, ["</think>", "\n\n"], **_CHATML),
    "llama3": lambda: byte_level(
        LLAMA3,
        ["<|begin|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
        bos="<|begin|>",
        eos="<|eot_id|>",
    ),
    "qwen3": lambda: byte_level(QWEN3, CHATML_TOKENS, _THINK, **_CHATML),
    "r1": lambda: byte_level(
        R1, ["<s>", "<|eos|>", "<|User|>", "<|Assistant|>"], _THINK[:2], bos="<s>", eos="<|eos|>"
    ),
    "phi3": lambda: byte_level(
        PHI3,
        [
            *(AddedToken(t, normalized=False, special=True) for t in ("<s>", "</s>")),
            *(
                AddedToken(t, normalized=False, special=True, rstrip=True)
                for t in ("<|user|>", "<|end|>", "<|assistant|>")
            ),
        ],
        **_S,
    ),
    "vicuna": lambda: byte_level(VICUNA, ["<s>", "</s>"], **_S),
    "no template": lambda: byte_level(None, ["<s>", "</s>"], **_S),
    "zephyr": lambda: sentence_pieces(ZEPHYR, prefix="each"),
    "mistral": lambda: sentence_pieces(MISTRAL, prefix="each"),
    "mistral, first": lambda: sentence_pieces(MISTRAL, ["[INST]", "[/INST]"], prefix="first"),
    "gemma": lambda: sentence_pieces(
        GEMMA,
        ["<start_of_turn>", "<end_of_turn>"],
        ["\n\n", "<b>"],
        prefix="none",
        bos="<bos>",
        eos="<eos>",
    ),
    "unigram": lambda: unigram(ZEPHYR),
}
"""Makers by family."""


@cache
def family(name: str) -> PreTrainedTokenizerFast:
    """The tokenizer of a family; not to be changed."""
    return FAMILIES[name]()
