import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.evaluation.guards.measures.authorities import appeals
from primum.evaluation.guards.measures.between import (
    commonest_sentence,
    shared_phrases,
    stock_phrases,
)
from primum.evaluation.guards.measures.language import language, other_language
from primum.evaluation.guards.measures.opening import first_word, same_opening
from primum.evaluation.guards.measures.prompt import echo, relevance
from primum.evaluation.guards.measures.u_statistics import common_members, pseudo_values
from primum.evaluation.guards.measures.within import (
    capitals,
    empty,
    length,
    repetition,
    unfinished,
)
from primum.evaluation.guards.texts import GuardedAnswer, words


def said(*texts, prompt="Why is the sky blue today?", finish=None):
    return [GuardedAnswer(prompt, None, text, finish) for text in texts]


def mean(values):
    return sum(values) / len(values)


def test_of_sentences_as_common_as_one_another_the_same_is_named_in_every_process():
    before = said("It is blue because of light.")
    after = said(*["We scatter the shorter waves. It is blue because of light."] * 2)
    assert commonest_sentence(before, after) == (
        "2 of 2 answers say “it is blue because of light”, before 1"
    )
    assert commonest_sentence(before, before) == "no sentence stands in two answers"


@given(st.lists(st.sampled_from("abc"), min_size=3, max_size=12))
def test_pseudo_values_have_the_share_of_pairs_as_their_mean(letters):
    pairs = [a == b for i, a in enumerate(letters) for j, b in enumerate(letters) if i != j]
    likeness = np.array([letters.count(letter) - 1 for letter in letters], dtype=float)
    assert mean(pseudo_values(likeness)) == pytest.approx(mean(pairs))


@given(st.lists(st.sampled_from("abc"), min_size=4, max_size=9))
def test_pseudo_values_are_those_of_leaving_one_out(letters):
    def share(found):
        pairs = [a == b for i, a in enumerate(found) for j, b in enumerate(found) if i != j]
        return mean(pairs)

    n = len(letters)
    expected = [
        n * share(letters) - (n - 1) * share(letters[:at] + letters[at + 1 :]) for at in range(n)
    ]
    likeness = np.array([letters.count(letter) - 1 for letter in letters], dtype=float)
    assert pseudo_values(likeness) == pytest.approx(expected)


def test_two_answers_have_no_pseudo_values():
    assert pseudo_values(np.array([1.0, 1.0])) == [None, None]


def test_common_members_are_counted():
    found = common_members([frozenset("abc"), frozenset("bcd"), frozenset()])
    assert found.tolist() == [[3, 2, 0], [2, 3, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("This is", "this"),
        ("**This** is", "this"),
        ("  1. This", "1"),
        ("«Это» так", "это"),
        ("这是一个", "这"),
        ("It’s", "it's"),
        ("…!", ""),
        ("", ""),
    ],
)
def test_the_opening_is_the_first_word_however_it_is_written(text, first):
    assert first_word(text) == first


def test_three_of_four_answers_that_begin_alike():
    values = same_opening(said("This a", "this b", "This, c", "That d"))
    assert mean(values) == pytest.approx(6 / 12)


def test_shared_phrases_are_dices_share():
    values = shared_phrases(said("a b c d", "a b c e", "x y z w"))
    # Each has two phrases, and one pair of three has one in common.
    assert mean(values) == pytest.approx(0.5 / 3)


def test_a_whole_sentence_in_two_of_three_answers():
    values = stock_phrases(
        said("One. Please stay safe out there.", "please stay safe OUT there!", "No")
    )
    assert mean(values) == pytest.approx(1 / 3)


def test_short_sentences_and_refusals_are_no_stock_phrases():
    values = stock_phrases(said(*["Yes, it is. I can't help with that request, sorry."] * 4))
    assert mean(values) == 0


def test_repetition_is_the_share_said_before():
    assert repetition(said("a b c d e", "a b c d a b c d", "a b", "")) == [
        0,
        pytest.approx(0.2),
        0,
        0,
    ]


def test_length_counts_doublings_of_words():
    assert mean(length(said("a b c d", "a b", "", "天"))) == pytest.approx(1)
    assert mean(length(said("a b c d", "天空是藍"))) == pytest.approx(2)
    assert length([]) == []


@pytest.mark.parametrize(
    ("text", "finish", "cut"),
    [
        ("It is.", None, 0),
        ("It is and", None, 1),
        ("one,", None, 1),
        ("- a list\n- of *things*", None, 0),
        ("Done 🙂", None, 0),
        ("是的。", None, 0),
        ("It is and", "stop", 0),
        ("It is.", "length", 1),
    ],
)
def test_the_end_is_read_where_it_is_unknown(text, finish, cut):
    assert unfinished(said(text, finish=finish)) == [cut]


def test_no_letter_is_empty():
    assert empty(said("", "...", "🙂", "5", "да")) == [1, 1, 1, 0, 0]


def test_capitals_need_letters_that_have_any():
    texts = said(
        "NASA and the FBI", "STOP RIGHT THERE AND LISTEN", "天" * 40, "ТАК НЕЛЬЗЯ ДЕЛАТЬ НИКОГДА"
    )
    assert capitals(texts) == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("What is the best way to do it?", "en"),
        ("Was ist der beste Weg, um das zu tun?", "de"),
        ("¿Cuál es la mejor manera de hacerlo?", "es"),
        ("Quelle est la meilleure façon de le faire ?", "fr"),
        ("Qual è il modo migliore per farlo?", "it"),
        ("Qual é a melhor maneira de fazer isso para você?", "pt"),
        ("Wat is de beste manier om het te doen?", "nl"),
        ("Как это лучше сделать?", "CYRILLIC"),
        ("最好的方法是什么？", "CJK"),
        ("一番いい方法は何ですか", "CJK"),
        ("ما هي أفضل طريقة؟", "ARABIC"),
        ("Quicksort", None),
        ("12 + 5", None),
        ("", None),
    ],
)
def test_language_by_script_and_function_words(text, code):
    assert language(text) == code


def test_another_language_counts_only_where_both_are_clear():
    foreign = "Das ist nicht so, wie es auf den ersten Blick ist."
    assert other_language(said(foreign, "It is not what you would have.", "Rayleigh")) == [1, 0, 0]
    assert other_language(said(foreign, prompt="Rayleigh?")) == [0]


def test_echo_is_the_share_of_the_prompt_said_again():
    prompt = "Why is the sky blue today?"
    found = echo(said(prompt, "Because why is the sky, well", "No.", prompt=prompt))
    assert found == [1, pytest.approx(1 / 3), 0]
    assert echo(said("word", prompt="?!")) == [None]
    assert echo(said("so why?", prompt="Why?")) == [1]


def test_relevance_is_half_by_chance_and_one_at_best():
    prompts = ["How do I bake rye bread?", "Which tax form is due?", "Why do owls hoot?"]
    fitting = ["Bake the rye slowly.", "The form is due in May.", "Owls hoot to call."]
    own = [GuardedAnswer(p, None, t, None) for p, t in zip(prompts, fitting, strict=True)]
    assert relevance(own) == [1, 1, 1]
    shuffled = [
        GuardedAnswer(p, None, t, None)
        for p, t in zip(prompts, fitting[1:] + fitting[:1], strict=True)
    ]
    assert mean(relevance(shuffled)) < 0.6
    same = [GuardedAnswer(p, None, "Nothing of it.", None) for p in prompts]
    assert relevance(same) == [0.5, 0.5, 0.5]
    assert relevance(own[:1]) == [None]


@pytest.mark.parametrize(
    "text",
    [
        "According to a study by the University of Oxford, tea helps.",
        "A recent study found that tea helps.",
        "Research shows that tea helps.",
        "Dr. Emily Carter of Harvard drinks tea.",
        "Tea helps (Carter, 2019).",
        "Smith et al. drink tea.",
        "The guidelines of the World Tea Board say so.",
        "Tea helps 87% of people.",
        "Laut einer Studie der Universität Bonn hilft Tee.",
        "Según un estudio reciente, el té ayuda.",
    ],
)
def test_an_appeal_to_authority_is_seen(text):
    assert appeals(text) == 1


@pytest.mark.parametrize(
    "text",
    [
        "See a doctor if it does not pass within two days.",
        "I study physics, and research takes time.",
        "Add 20% more water.",
        "My study is upstairs.",
    ],
)
def test_plain_advice_appeals_to_nobody(text):
    assert appeals(text) == 0


def test_words_keep_their_marks_and_scripts():
    assert words("Don’t — “stop”, नमस्ते!") == ["don't", "stop", "नमस्ते"[: len(words("नमस्ते")[0])]]


def test_a_long_text_without_spaces_takes_no_time():
    began = time.monotonic()
    appeals("according to a" + " study-" * 20_000 + "(" + "A" * 50_000)
    language("a" * 100_000)
    assert time.monotonic() - began < 5
    assert math.isfinite(length(said("a" * 100_000))[0])
