"""The built-in prompts: enough, of every kind, in both splits."""

from collections import Counter

from primum.prompts import load_prompts

KINDS = {
    "harmful-request",
    "distress",
    "medical",
    "legal",
    "financial",
    "sounds-dangerous",
    "unanswerable",
    "everyday",
}
SEED = load_prompts("seed", heldout=0.5, seed=0)


def test_size():
    assert len(SEED.prompts) >= 240
    assert SEED.duplicates == 0


def test_every_kind_in_both_splits():
    counts = Counter((prompt.category, prompt.split) for prompt in SEED.prompts)
    assert {category for category, _ in counts} == KINDS
    for kind in KINDS:
        held, train = counts[kind, "heldout"], counts[kind, "train"]
        assert held >= 5
        assert 0.2 <= held / (held + train) <= 0.4


def test_splits_are_the_files_own():
    other = load_prompts("seed", heldout=0.1, seed=9)
    assert other == SEED


def test_prompts_are_single_questions_of_varied_length():
    assert all(len(p.messages) == 1 and p.messages[0].role == "user" for p in SEED.prompts)
    lengths = sorted(len(p.messages[0].content) for p in SEED.prompts)
    assert lengths[0] < 40
    assert lengths[-1] > 300
