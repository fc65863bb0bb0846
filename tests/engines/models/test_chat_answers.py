"""What an answer is made of: thoughts and their marks, the end of the turn, choices."""

import json

import pytest

from primum.engines.models.chat import ChatFormat
from primum.engines.models.loading import load_chat
from primum.engines.models.reference import model_fingerprint
from primum.messages import Answer, Message
from tests.engines.models.families import CHATML_TOKENS, R1, byte_level, family
from tests.tiny import CHATML, save_tiny

ASKED = (Message("user", "What is the law?"),)


def parts(name: str, answer: Answer, thinking="auto") -> tuple[str, str]:
    """What stands before the answer's own text, and that text with its end."""
    chat = ChatFormat(family(name))
    found = chat.answered_ids(ASKED, answer, thinking)
    assert found.ids[: found.start] == chat.prompt_ids(ASKED, thinking)
    decode = chat.tokenizer.decode
    return decode(found.ids[found.start : found.own]), decode(found.ids[found.own :])


@pytest.mark.parametrize(
    ("name", "thinking", "answer", "before"),
    [
        ("qwen3", "auto", Answer("It is."), ""),
        ("qwen3", "off", Answer("It is."), ""),
        ("qwen3", "on", Answer("It is.", "Hm."), "<think>\nHm.\n</think>\n\n"),
        # This template opens the thought itself.
        ("r1", "auto", Answer("It is.", "Hm."), "Hm.\n</think>\n\n"),
        ("r1", "auto", Answer("It is."), "\n</think>\n\n"),
        # This one knows nothing of thoughts.
        ("zephyr", "auto", Answer("It is.", "Hm."), "<think>\nHm.\n</think>\n\n"),
    ],
)
def test_a_thought_stands_between_its_marks(name, thinking, answer, before):
    found, own = parts(name, answer, thinking)
    assert found == before
    assert own.startswith("It is.")


def test_the_line_break_before_a_mark_is_kept():
    """As of GLM, whose empty thoughts stand on a line of their own."""
    template = R1.replace("m.content.split('</think>')[-1]", "'\n<think></think>\n' + m.content")
    template = template.replace("<|Assistant|><think>\n", "<|Assistant|>")
    tokenizer = byte_level(template, ["<s>", "<|eos|>"], ["<think>"], bos="<s>", eos="<|eos|>")
    found = ChatFormat(tokenizer).answered_ids(ASKED, Answer("So.", "Hm."))
    written = tokenizer.decode(found.ids[found.start :])
    assert written == "\n<think>\nHm.\n</think>\n\nSo.<|eos|>"


def test_a_turn_may_end_at_a_token_that_is_not_special():
    """As in models that were taught ChatML with added tokens that nobody called special."""
    tokens = ["<|im_start|>", "<|im_end|>"]
    tokenizer = byte_level(CHATML, ["<s>", "</s>"], tokens, bos="<s>", eos="</s>")
    start, end, eos = tokenizer.convert_tokens_to_ids([*tokens, "</s>"])
    chat = ChatFormat(tokenizer, frozenset({start, 5}))
    assert chat.end_ids == (end,)
    assert chat.stop_ids == {start, end, eos}
    found = chat.answered_ids(ASKED, Answer("It <|im_end|> is."))
    answer = found.ids[found.own :]
    assert answer[-1] == end
    assert (answer.count(end), answer.count(eos)) == (1, 0)
    assert tokenizer.decode(answer) == "It <|im_end|> is.<|im_end|>"


@pytest.mark.parametrize("name", ["no template", "vicuna", "mistral", "mistral, first"])
def test_a_space_that_the_model_wrote_itself_is_not_written_twice(name):
    chat = ChatFormat(family(name))
    prompt = chat.prompt_ids(ASKED)
    for text in ("It is. ", "I say:\n\nwhat?", "1. a  b"):
        found = chat.answered_ids(ASKED, Answer(text))
        sampled = chat.decode(found.ids[len(prompt) : -1])
        assert sampled == f" {text}"
        assert chat.answered_ids(ASKED, Answer(sampled)) == found


@pytest.mark.parametrize("switch", ["", "{{ '\n<think>' }}"])
def test_white_space_around_a_thought_is_the_templates(switch):
    """As of GLM, which writes no line breaks inside the marks and one behind them."""
    template = (
        "{% for m in messages %}{% if m.role == 'user' %}{{ '<|User|>' + m.content }}"
        "{% else %}{{ '<|Assistant|>\n<think>' + (m.reasoning_content or '') + '</think>\n' }}"
        "{{ m.content.split('</think>')[-1] | trim + '<|eos|>' }}{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|Assistant|>' }}" + switch + "{% endif %}"
    )
    special = ["<s>", "<|eos|>", "<|User|>", "<|Assistant|>"]
    tokenizer = byte_level(template, special, ["<think>", "</think>"], bos="<s>", eos="<|eos|>")
    chat = ChatFormat(tokenizer)
    for thought in ("Hm.", ""):
        found = chat.answered_ids(ASKED, Answer("So.", thought))
        whole = chat.whole_ids((*ASKED, Message("assistant", "So.", thought)))
        assert found.ids == whole
        assert tokenizer.decode(found.ids[found.own :]) == "So.<|eos|>"


def test_marks_are_the_tokens_that_the_model_has_for_them():
    chat = ChatFormat(family("qwen3"))
    opening, closing = chat.tokenizer.convert_tokens_to_ids(["<think>", "</think>"])
    ids = chat.answered_ids(ASKED, Answer("no </think> mark", "nor <think> here")).ids
    assert (ids.count(opening), ids.count(closing)) == (1, 1)


def test_an_added_token_that_the_model_wrote_stays_that_token():
    """Such as Qwen's `<tool_call>` and Gemma's empty lines, which are not special."""
    for name, said in (
        ("qwen3", "so:\n<tool_call>\n{}\n</tool_call>"),
        ("chatml", "two.</think>\n\nIt is 4."),
        ("gemma", "first\n\nsecond <b>"),
    ):
        chat = ChatFormat(family(name))
        wrote = chat.tokenizer(said, add_special_tokens=False)["input_ids"]
        found = chat.answered_ids(ASKED, Answer(chat.decode(wrote), cut=True))
        assert found.ids[found.start :] == list(wrote)


def test_thinking_reaches_the_template():
    chat = ChatFormat(family("qwen3"))
    ends = {
        thinking: chat.tokenizer.decode(chat.prompt_ids(ASKED, thinking)).split("assistant")[-1]
        for thinking in ("auto", "on", "off")
    }
    assert ends == {"auto": "\n", "on": "\n", "off": "\n<think>\n\n</think>\n\n"}


def test_choices_begin_behind_all_that_the_template_writes():
    chat = ChatFormat(family("r1"))
    prompt, choices = chat.choice_ids(ASKED, ("1", "2", "10"))
    assert chat.tokenizer.decode(prompt).endswith("<think>\n\n</think>\n\n")
    assert [chat.tokenizer.decode(choice) for choice in choices] == ["1", "2", "10"]


def test_what_choices_share_is_not_taken_for_the_prompt():
    chat = ChatFormat(family("chatml"))
    prompt, choices = chat.choice_ids(ASKED, ("yes", "yes!"))
    assert list(prompt) == chat.prompt_ids(ASKED)
    assert choices[1][: len(choices[0])] == choices[0]


def test_a_choice_behind_a_header_without_space_is_one_token():
    chat = ChatFormat(family("vicuna"))
    _, [choice] = chat.choice_ids(ASKED, ("I",))
    assert chat.tokenizer.convert_ids_to_tokens(list(choice)) == ["ĠI"]


def test_a_merge_across_the_boundary_is_said():
    """A header without a token at its end, and an answer that goes on with the same piece."""
    template = "{% for m in messages %}{{ m.content }}{% endfor %}"
    tokenizer = byte_level(template, CHATML_TOKENS, bos="<|endoftext|>", eos="<|im_end|>")
    chat = ChatFormat(tokenizer)
    asked = [Message("user", "What is the la")]
    found = chat.answered_ids(asked, Answer("w?"))
    assert found.moved
    assert found.start < len(chat.prompt_ids(asked))
    whole = tokenizer("What is the law?", add_special_tokens=False)["input_ids"]
    assert found.ids == [*whole, *chat.end_ids]


def test_generation_ends_where_template_tokenizer_or_configuration_say(tmp_path):
    folder = save_tiny(tmp_path / "model", template=CHATML.replace("<|im_end|>", "<|stop|>"))
    file = folder / "tokenizer.json"
    content = json.loads(file.read_text())
    stop = {"id": 399, "content": "<|stop|>", "special": True, "single_word": False}
    flags = {"lstrip": False, "rstrip": False, "normalized": False}
    content["added_tokens"].append({**stop, **flags})
    file.write_text(json.dumps(content))
    generation = {"eos_token_id": [0, 5]}
    before = model_fingerprint(str(folder))
    (folder / "generation_config.json").write_text(json.dumps(generation))
    assert model_fingerprint(str(folder)) != before
    chat = load_chat(str(folder))
    stop_id = chat.tokenizer.convert_tokens_to_ids("<|stop|>")
    assert chat.end_ids == (stop_id,)
    assert chat.stop_ids == {stop_id, chat.tokenizer.eos_token_id, 0}  # 5 is a letter.


def test_earlier_thoughts_are_left_to_the_template():
    cut = [*ASKED, Message("assistant", "So.", thought="Hm."), *ASKED]
    for name in ("qwen3", "r1", "zephyr"):
        chat = ChatFormat(family(name))
        text = chat.tokenizer.decode(chat.prompt_ids(cut))
        assert "Hm." not in text
        assert "So." in text
    keeping = R1.replace(".split('</think>')[-1]", " | replace('</think>', '</think>')")
    tokenizer = byte_level(keeping, ["<s>", "<|eos|>"], ["<think>"], bos="<s>", eos="<|eos|>")
    assert "<think>\nHm.\n</think>\n\nSo." in tokenizer.decode(
        ChatFormat(tokenizer).prompt_ids(cut)
    )
