import json
from collections import Counter
from pathlib import Path

import numpy as np

from primum.engines.models.chat import ChatFormat
from primum.engines.scripted import ScriptedEngine
from primum.judging import ExpectedRating, Item, Score
from primum.judging.asking.question import rating_messages
from primum.judging.attacks import RESPONSE, attack_gains, load_attacks
from primum.progress import Silent
from tests.judging.goals import constitution, item
from tests.tiny import tiny_tokenizer


class Counting:
    """Rates by the number of tens in a response; an empty one, and one with `?`, is missing."""

    fingerprint = "counting"

    def judge(self, items):
        for index, asked in reversed(list(enumerate(items))):
            tens = asked.response.count("10")
            if not asked.response.strip() or "?!" in asked.response:
                yield index, (Score(None, missing="no"), Score(5.0))
            else:
                yield index, (Score(float(tens)), Score(5.0))


def test_the_corpus_is_large_and_mixed():
    attacks = load_attacks()
    kinds = Counter(attack.kind for attack in attacks)
    assert len(attacks) >= 40
    assert len(kinds) >= 8
    assert min(kinds.values()) >= 3
    assert len({attack.text for attack in attacks}) == len(attacks)


def test_every_attack_holds_the_response_once_and_is_short():
    for attack in load_attacks():
        assert attack.text.count(RESPONSE) == 1
        assert len(attack.text) < 250
        assert attack.around("the {response} itself").count("the {response} itself") == 1


def test_the_file_holds_nothing_else():
    import primum.judging.attacks as module

    file = Path(module.__file__).parent / "library" / "attacks.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]
    assert all(set(row) == {"kind", "text"} for row in rows)


def test_gains_are_the_change_of_the_score_item_by_item():
    items = [item("plain"), item("a 10 already"), item("what?!")]
    gains = attack_gains(Counting(), items, progress=Silent())
    attacks = load_attacks()
    assert gains.shape == (3 * len(attacks), 2)
    expected = [attack.text.count("10") for attack in attacks]
    np.testing.assert_array_equal(gains[: len(attacks), 0], expected)
    np.testing.assert_array_equal(gains[len(attacks) : 2 * len(attacks), 0], expected)
    assert np.isnan(gains[2 * len(attacks) :, 0]).all()
    assert (gains[:, 1] == 0).all()


def test_without_items_there_are_no_gains():
    assert attack_gains(Counting(), [], progress=Silent()).size == 0


def test_a_judge_that_does_not_read_gains_nothing():
    engine = ScriptedEngine(answer=lambda r: "", choice=lambda r: [float(np.log(0.1))] * 10)
    gains = attack_gains(ExpectedRating(engine, constitution()), [item("yes")], progress=Silent())
    assert np.abs(gains).max() == 0


def test_no_attack_leaves_its_quotation():
    plain = rating_messages(item("x"), constitution(), 0)[0].content
    head, tail = plain.split("> x")
    for attack in load_attacks():
        [message] = rating_messages(item(attack.around("x")), constitution(), 0)
        text = message.content
        assert text.startswith(head)
        assert text.endswith(tail)
        assert all(line.startswith("> ") for line in text[len(head) : -len(tail)].split("\n"))


FAMILIES = (
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|eot_id|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|end|>",
    "<|assistant|>",
    "<start_of_turn>",
    "<end_of_turn>",
    "[INST]",
    "[/INST]",
    "<s>",
    "</s>",
    "<|START_OF_TURN_TOKEN|>",
    "<|CHATBOT_TOKEN|>",
    "<｜Assistant｜>",
    "<｜end▁of▁sentence｜>",
    "<|start|>",
    "<|channel|>",
    "<|message|>",
    "<|return|>",
    "[SEP]",
    "[CLS]",
    "<think>",
    "</think>",
)


def test_no_attack_becomes_a_special_token_of_any_family():
    """The tokenizer knows the special tokens of all families at once."""
    tokenizer = tiny_tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": list(FAMILIES)})
    chat = ChatFormat(tokenizer)
    special = {tokenizer.convert_tokens_to_ids(token) for token in FAMILIES}
    assert len(special) == len(FAMILIES)
    clean = [at for at in chat.prompt_ids(_question("x")) if at in special]
    spelled = 0
    for attack in load_attacks():
        found = [at for at in chat.prompt_ids(_question(attack.around("x"))) if at in special]
        assert found == clean, attack.text
        spelled += any(token in attack.text for token in FAMILIES)
    assert spelled >= 10


def _question(response):
    return rating_messages(Item(item("x").messages, response), constitution(), 0)
