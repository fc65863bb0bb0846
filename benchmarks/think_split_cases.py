"""Turns of thinking models, written by hand, and how each must be split.

tests/engines/models/test_thoughts.py goes through them; `python benchmarks/think_split_cases.py`
counts them.
"""

from dataclasses import dataclass
from functools import cache

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from primum.engines.base import Completion
from primum.engines.models.chat import ChatFormat
from primum.engines.models.thoughts import splitter_of
from primum.messages import Message


@dataclass(frozen=True)
class Family:
    """How a family of models writes: which tokens it has, and what its template knows.

    Attributes:
        special: Control tokens beside those of ChatML.
        plain: Added tokens that leave their text when they are decoded.
        known: What its template mentions.
        prompt: What its template ends with where the answer begins.
    """

    special: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    known: str = ""
    prompt: str = ""


THINK = ("<think>", "</think>")
FAMILIES = {
    "qwen3": Family(plain=THINK, known="</think>"),
    "qwen3 off": Family(plain=THINK, known="</think>", prompt="<think>\n\n</think>\n\n"),
    "deepseek-v3.1 off": Family(plain=THINK, known="</think>", prompt="</think>"),
    "qwen2.5, unused tokens": Family(plain=THINK),
    "r1": Family(plain=THINK, known="</think>", prompt="<think>\n"),
    "qwq in plain text": Family(known="</think>", prompt="<think>\n"),
    "distilled in plain text": Family(known="</think>"),
    "exaone": Family(known="</thought>", prompt="<thought>\n"),
    "cohere": Family(
        special=("<|START_THINKING|>", "<|END_THINKING|>", "<|START_RESPONSE|>"),
        known="<|END_THINKING|>",
    ),
    "magistral": Family(special=("[THINK]", "[/THINK]"), known="[/THINK]"),
    "seed": Family(special=("<seed:think>", "</seed:think>"), known="</seed:think>"),
    "kimi": Family(known="◁/think▷", prompt="◁think▷"),
    "gpt-oss": Family(
        special=("<|channel|>", "<|message|>", "<|start|>", "<|end|>"),
        known="<|channel|>analysis<|message|> <|channel|>final<|message|>",
    ),
    "gemma": Family(special=("<|channel>", "<channel|>"), known="<channel|>"),
    "hunyuan": Family(known="<think> <answer> </answer>"),
    "reasoning": Family(known="</reasoning>"),
    "thinking": Family(known="</thinking>", prompt="<thinking>\n"),
    "none": Family(),
}


@dataclass(frozen=True)
class Case:
    """A turn and what it must be split into.

    Attributes:
        name: What it is about.
        family: Of which model.
        wrote: What the model wrote; tokens of its own are recognised in it, but not where a
            ¦ breaks their spelling: that is how text quotes them.
        thought: The thought; None for none.
        text: The answer.
        missing: How the reason begins why there is no answer.
        tokens: After so many tokens it was cut; None where it ended by itself.
    """

    name: str
    family: str
    wrote: str
    thought: str | None
    text: str
    missing: str | None = None
    tokens: int | None = None


_OPEN = "the thought was not closed"
_ENDED = "the thought was not closed: the model ended its turn inside it"
_NOTHING = "nothing follows the thought"
_FULL_CHANNELS = (
    "<|channel|>analysis<|message|>Two and two.<|end|>"
    "<|start|>assistant<|channel|>final<|message|>It is 4."
)

CASES = (
    # The usual form of every family.
    Case("both marks", "qwen3", "<think>\nTwo.\n</think>\n\nIt is 4.", "Two.", "It is 4."),
    Case("no thought", "qwen3", "It is 4.", None, "It is 4."),
    Case("thinking switched off", "qwen3 off", "It is 4.", None, "It is 4."),
    Case("off by a closing mark", "deepseek-v3.1 off", "It is 4.", None, "It is 4."),
    Case("tokens alone", "qwen2.5, unused tokens", "<think>Two.</think>4.", "Two.", "4."),
    Case("opened by the template", "r1", "Two.\n</think>\n\nIt is 4.", "Two.", "It is 4."),
    Case("opened twice", "r1", "<think>\nTwo.\n</think>\n\nIt is 4.", "Two.", "It is 4."),
    Case("plain text", "distilled in plain text", "<think>Two.</think>4.", "Two.", "4."),
    Case("plain text, opened", "qwq in plain text", "Two.\n</think>\n\n4.", "Two.", "4."),
    Case("marks merged with what is beside", "qwq in plain text", "x.</think>\n\n4.", "x.", "4."),
    Case("exaone", "exaone", "Two.\n</thought>\n\n4.", "Two.", "4."),
    Case("cohere", "cohere", "<|START_THINKING|>Two.<|END_THINKING|>4.", "Two.", "4."),
    Case(
        "cohere's mark of an answer",
        "cohere",
        "<|START_THINKING|>Two.<|END_THINKING|><|START_RESPONSE|>4.",
        "Two.",
        "4.",
    ),
    Case("magistral", "magistral", "[THINK]Two.[/THINK]4.", "Two.", "4."),
    Case("seed", "seed", "<seed:think>Two.</seed:think>4.", "Two.", "4."),
    Case("kimi", "kimi", "Two.◁/think▷4.", "Two.", "4."),
    Case("gemma", "gemma", "<|channel>thought\nTwo.<channel|>4.", "Two.", "4."),
    Case("reasoning", "reasoning", "<reasoning>Two.</reasoning>4.", "Two.", "4."),
    Case("thinking", "thinking", "Two.</thinking>4.", "Two.", "4."),
    Case("channels", "gpt-oss", _FULL_CHANNELS, "Two and two.", "It is 4."),
    Case("an answer's channel alone", "gpt-oss", "<|channel|>final<|message|>4.", None, "4."),
    Case(
        "hunyuan",
        "hunyuan",
        "<think>\nTwo.\n</think>\n<answer>\n4.\n</answer>",
        "Two.",
        "4.",
    ),
    Case("hunyuan, answer alone", "hunyuan", "<answer>\n4.\n</answer>", None, "4."),
    Case("hunyuan without answer's marks", "hunyuan", "<think>Two.</think>4.", "Two.", "4."),
    # A model without marks has none.
    Case("no marks, the text of some", "none", "<think>a</think>b", None, "<think>a</think>b"),
    Case(
        "another family's marks",
        "qwen3",
        "<think>Two.</think>Use [THINK]x[/THINK].",
        "Two.",
        "Use [THINK]x[/THINK].",
    ),
    # Empty ones.
    Case("an empty thought", "qwen3", "<think>\n\n</think>\n\nIt is 4.", "", "It is 4."),
    Case("an empty thought, opened", "r1", "\n</think>\n\nIt is 4.", "", "It is 4."),
    Case("nothing at all", "qwen3", "", None, ""),
    Case("nothing at all, opened", "r1", "", "", "", _ENDED),
    Case("an empty answer", "qwen3", "<think>Two.</think>\n\n", "Two.", "", _NOTHING),
    Case("an empty channel", "gpt-oss", _FULL_CHANNELS[:-8], "Two and two.", "", _NOTHING),
    # Unclosed ones.
    Case("ended inside", "qwen3", "<think>\nTwo and", "Two and", "", _ENDED),
    Case("ended inside, opened", "r1", "Two and", "Two and", "", _ENDED),
    Case("cut inside", "r1", "Two and two are", "Two a", "", f"{_OPEN} (cut at 5 tokens)", 5),
    Case("cut behind the mark", "qwen3", "<think>\nTwo.</think>\n\nFour.", "Two.", "F", None, 10),
    Case(
        "cut right behind the mark",
        "qwen3",
        "<think>\nTwo.</think>\n\nFour.",
        "Two.",
        "",
        f"{_NOTHING} (cut at 7 tokens)",
        7,
    ),
    Case("cut in a closing mark", "kimi", "Two.◁/think▷4.", "Two.◁/thi", "", _OPEN, 11),
    Case("cut in an opening mark", "distilled in plain text", "<think>Two.", "", "", _OPEN, 3),
    Case("cut between channels", "gpt-oss", _FULL_CHANNELS, "Two and two.", "", _OPEN, 24),
    Case(
        "ended inside a channel",
        "gpt-oss",
        "<|channel|>analysis<|message|>Two",
        "Two",
        "",
        _ENDED,
    ),
    # What merely looks like a mark.
    Case("spelled, not written", "r1", "Say <¦/think>.</think>4.", "Say </think>.", "4."),
    Case("spelled in an answer", "qwen3", "<think>T</think>A <¦think>.", "T", "A <think>."),
    Case("nothing but spelled", "qwen3", "A <¦think>b<¦/think>.", None, "A <think>b</think>."),
    Case("quoted by the answer", "qwen3", "<think>T</think>A </think>.", "T", "A </think>."),
    Case(
        "both quoted by the answer",
        "qwen3",
        "<think>T</think>Put <think> and </think> around.",
        "T",
        "Put <think> and </think> around.",
    ),
    Case("quoted by the thought", "r1", "Is <think> it?</think>4.", "Is <think> it?", "4."),
    # More than one.
    Case("a stray closing mark", "qwen3", "Two.\n</think>\n\nIt is 4.", "Two.", "It is 4."),
    Case("closed again", "r1", "Two.</think>4.</think>", "Two.", "4.</think>"),
    Case(
        "several thoughts",
        "qwen3",
        "<think>\na\n</think>\n\n<think>\nb\n</think>\n\n4.",
        "a\n</think>\n\n<think>\nb",
        "4.",
    ),
    Case(
        "thoughts between answers",
        "qwen3",
        "<think>\na\n</think>\n\nx\n<think>\nb\n</think>\n\n4.",
        "a\n</think>\n\nx\n<think>\nb",
        "4.",
    ),
    Case(
        "nested",
        "qwen3",
        "<think>\na\n<think>\nb\n</think>\nc\n</think>\n4.",
        "a\n<think>\nb\n</think>\nc",
        "4.",
    ),
    Case(
        "opened again, unclosed",
        "qwen3",
        "<think>\na\n</think>\n\nx\n<think>\nb",
        "a\n</think>\n\nx\n<think>\nb",
        "",
        _ENDED,
    ),
    Case("text before a thought", "qwen3", "Well.\n<think>a</think>4.", "Well.\n<think>a", "4."),
    Case(
        "several channels",
        "gpt-oss",
        "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary<|message|>b"
        "<|end|><|start|>assistant<|channel|>final<|message|>4.",
        "aassistantcommentaryb",
        "4.",
    ),
    Case(
        "a channel that is no answer",
        "gpt-oss",
        "<|channel|>commentary<|message|>b",
        "commentaryb",
        "",
        _ENDED,
    ),
)


@cache
def tokenizer(family: str) -> PreTrainedTokenizerFast:
    """A byte-level tokenizer with the family's tokens and template."""
    given = FAMILIES[family]
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    merged = ["x.</", ">\n\n"] * 4 if family == "qwq in plain text" else []
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["<|im_start|>", "<|im_end|>", *given.special],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator(merged, trainer)
    core.add_tokens([AddedToken(text, normalized=False) for text in given.plain])
    made = PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<|im_end|>")
    made.chat_template = (
        f"{{% set known = {given.known!r} %}}{{% for m in messages %}}"
        "{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}"
        f"{{% if add_generation_prompt %}}{{{{ '<|im_start|>assistant\n' + {given.prompt!r} }}}}"
        "{% endif %}"
    )
    return made


def split(case: Case) -> Completion:
    """The turn of a case, split."""
    made = tokenizer(case.family)
    chat = ChatFormat(made)
    ids = [i for part in case.wrote.split("¦") for i in _ids(made, part)][: case.tokens]
    opened = chat.opens_thought((Message("user", "?"),))
    return splitter_of(chat).split(ids, opened=opened, cut=case.tokens is not None)


def passes(case: Case) -> bool:
    """Whether a case is split as it must be."""
    found = split(case)
    missing = found.missing == case.missing or (
        bool(case.missing) and (found.missing or "").startswith(case.missing)
    )
    return missing and (found.thought, found.text) == (case.thought, case.text)


def count() -> tuple[int, int]:
    """How many cases pass, and how many there are."""
    return sum(map(passes, CASES)), len(CASES)


def _ids(made: PreTrainedTokenizerFast, text: str) -> list[int]:
    return list(made(text, add_special_tokens=False)["input_ids"])


if __name__ == "__main__":
    print("think_split_cases: {}/{}".format(*count()))
