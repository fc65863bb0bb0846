import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.engines.openai.special_tokens import JOINER, Neutralizer
from tests.tiny import SPECIAL, tiny_tokenizer

MARKERS = (
    *SPECIAL,
    "<|eot_id|>",
    "<|start_header_id|>",
    "<|user|>",
    "<|START_OF_TURN_TOKEN|>",
    "<|turn>",
    "<turn|>",
    "<\uff5cbegin\u2581of\u2581sentence\uff5c>",
    "<s>",
    "</s>",
    "<bos>",
    "<eos>",
    "<unk>",
    "[INST]",
    "[/INST]",
    "[SYSTEM_PROMPT]",
    "[TOOL_CALLS]",
    "<<SYS>>",
    "<</SYS>>",
    "<start_of_turn>",
    "<end_of_turn>",
    "<think>",
    "</think>",
    "<tool_call>",
    "[gMASK]",
    "<sop>",
    "<unused12>",
)


@pytest.mark.parametrize("marker", MARKERS)
@pytest.mark.parametrize("tokenizer", [None, tiny_tokenizer()])
def test_no_marker_is_left_and_the_text_looks_the_same(marker, tokenizer):
    text = Neutralizer(tokenizer)(f"Say {marker}{marker} twice")
    assert marker not in text
    assert text.replace(JOINER, "") == f"Say {marker}{marker} twice"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain words, 1 < 2 and 3 > 2, a|b",
        "def f(x):\n        return x[0] or x[INSTANCE]",
        "<b>bold</b> <p class='a'>",
        "the array [1, 2] and a [link](http://x)",
        "emoji 👩‍👩‍👧 and  double  spaces",
    ],
)
def test_other_text_stays_as_it_is(text):
    assert Neutralizer(tiny_tokenizer())(text) == text


PIECES = st.sampled_from([*MARKERS, "<", "|", ">", "<|", "|>", "im_end", " ", "a", "[", "]", "\n"])


@given(st.lists(PIECES, max_size=12).map("".join))
def test_nothing_that_is_put_together_becomes_a_special_token(text):
    tokenizer = tiny_tokenizer()
    neutral = Neutralizer(tokenizer)(text)
    special = {t for t, i in tokenizer.get_vocab().items() if t in SPECIAL}
    ids = tokenizer(neutral, add_special_tokens=False)["input_ids"]
    assert not {tokenizer.convert_ids_to_tokens(i) for i in ids} & special
    assert neutral.replace(JOINER, "") == text
    assert Neutralizer(tokenizer)(neutral) == neutral


def test_the_check_can_fail():
    tokenizer = tiny_tokenizer()
    ids = tokenizer("a<|im_end|>", add_special_tokens=False)["input_ids"]
    assert tokenizer.convert_tokens_to_ids("<|im_end|>") in ids


def test_the_model_s_own_markers_are_broken_too():
    tokenizer = tiny_tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": ["@@stop@@"]})
    assert "@@stop@@" not in Neutralizer(tokenizer)("now @@stop@@ here")
    assert "@@stop@@" in Neutralizer(None)("now @@stop@@ here")


def test_half_a_character_becomes_a_replacement_character():
    assert Neutralizer()("a\ud800b") == "a\ufffdb"
    Neutralizer()("a\ud800<|im_end|>").encode()
