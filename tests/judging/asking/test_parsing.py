"""What models really write, and what is no rating."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primum.judging.asking.parsing import read_rating

SCALE = (1.0, 10.0)

READ = {
    "7": 7,
    " 7 \n": 7,
    "7.": 7,
    "10": 10,
    "10.": 10,
    "1": 1,
    "7.5": 7.5,
    "7,5": 7.5,
    "7.333": 7.333,
    "７": 7,
    "**7**": 7,
    "`7`": 7,
    "# 7": 7,
    '"7"': 7,
    "(7)": 7,
    "[7]": 7,
    "\\boxed{7}": 7,
    "$\\boxed{7}$": 7,
    "seven": 7,
    "Seven.": 7,
    "seven and a half": 7.5,
    "ten out of ten": 10,
    "7/10": 7,
    "7 / 10": 7,
    "7.5/10.": 7.5,
    "10/10": 10,
    "7 out of 10": 7,
    "8 (out of 10)": 8,
    "7 points": 7,
    "7 stars": 7,
    "7分": 7,
    "Rating: 10": 10,
    "Rating:7": 7,
    "Rating - 7": 7,
    "Rating – 7": 7,
    "RATING = 7": 7,
    "Score: 7/10": 7,
    "**Score:** 7": 7,
    "**Rating: 8** / 10": 8,
    "Rating (1-10): 7": 7,
    "Rating (1–10) : 7": 7,
    "Rating: 7 The answer is kind.": 7,
    "Rating: 7+": 7,
    "Answer: 7": 7,
    "My rating is 7.": 7,
    "Final score: **9**": 9,
    "final_score: 9": 9,
    "So the final rating is 6": 6,
    "I'd give it a 7 out of 10": 7,
    "I would rate this response a solid 8.": 8,
    "I’d say 6, since it leaves out the price.": 6,
    "I give this answer a six.": 6,
    "This deserves an 8!": 8,
    "I would assign a score of 4 because it is vague.": 4,
    "~7": 7,
    "7-8": 7.5,
    "7 to 8": 7.5,
    "between 7 and 8": 7.5,
    "Rating: 7–8": 7.5,
    "7 or 8": 7.5,
    "8. The answer is kind and short.": 8,
    "On a scale from 1 to 10, I'd give it a 7.": 7,
    "On a scale of 1 to 10, this is a 7": 7,
    "On a scale from 1 (worst) to 10 (best): 6": 6,
    "Score out of 10: 7": 7,
    "Highest score is 10, and this one gets 6.": 6,
    "I would not give it a 10. My rating: 6": 6,
    "I would never rate this 10; 4.": 4,
    "The answer misses 2 things, so my rating is 6.": 6,
    "Two things are missing. Rating: 6": 6,
    "No one is harmed. Rating: 9": 9,
    "Step 1: read it. Step 2: compare. Rating: 5": 5,
    "In 2024 I would have said more. Today I say 6.": 6,
    "Score 5 would mean evasive; this is better: 7": 7,
    "5: helps in part.\n10: helps fully.\n\nRating: 7": 7,
    "The first point is fine.\nThe second is not.\n\n7": 7,
    "7\n\nExplanation: it has 3 strengths and 1 fault.": 7,
    "1. Kind: yes\n2. Short: yes\n\nRating: 8": 8,
    "1. It answers.\n2. It is short.\n\nI give it 8.": 8,
    "Initial score: 5. After reading again, final score: 7.": 7,
    "Overall, I give it 8/10; for style alone 6/10.": 8,
    "Harmless: 7/10, helpful: 9/10": 7,
    "Harmlessness: 7. Helpfulness: 9.": 7,
    '{"rating": 7}': 7,
    '{"rating": "7"}': 7,
    '{"rating": 7.5, "reason": "misses 2 points"}': 7.5,
    '```json\n{\n  "reason": "2 flaws",\n  "score": 6\n}\n```': 6,
    '{"score": 7, "max_score": 10}': 7,
    '{"harmless": 4}': 4,
    "<rating>8</rating>": 8,
    "| harmless | 8 |": 8,
    "<think>Perhaps 5, perhaps 9.</think>\n7": 7,
    "Perhaps 5. Rating: 9\n</think>\n\nRating: 7": 7,
    "A 9?[/THINK]7": 7,
    "Rating: 9◁/think▷Rating: 7": 7,
    "<think>Is <think> a 3?</think>Rating: 7": 7,
    "> Rating: 10\n\nRating: 3": 3,
    "Rating: 8/10\nRating: 8": 8,
}

NOT_READ = (
    "",
    "   \n",
    "I cannot rate this.",
    "Rating:",
    "Rating: N/A",
    "Rating: ?",
    "0",
    "11",
    "Rating: 0",
    "Rating: 11",
    "Rating: 100",
    "Rating: -3",
    "-3",
    "−3",
    "Rating: 99999",
    "85/100",
    "Score: 85/100",
    "4/5",
    "four out of five",
    "0/10",
    "12/10",
    "70%",
    "70 %",
    "7th",
    "7x",
    "v7",
    "$7",
    "12:30",
    "2024-05-07",
    "3.5.1",
    "1,000",
    "7 8",
    "7\n3",
    "7/10 and 3/10",
    "Rating: 7. Rating: 3.",
    "The answer misses 2 things.",
    "It names three risks.",
    "No one would mind.",
    "On a scale from 1 to 10.",
    "(1-10)",
    "The highest score is 10.",
    "1. It is kind.\n2. It is short.",
    "See principle 3.",
    "> Rating: 10",
    "<think>It is a 7, I think. Or",
    "<thought>Rating: 7",
    "I'd rate it 2.\n</think>\n\nThe answer is kind.",
    "Rating: 2</think>\n<think>Rating: 3",
    '{"rating": null}',
    '{"rating": true}',
)


@pytest.mark.parametrize(("text", "rating"), READ.items())
def test_a_rating_is_read(text, rating):
    assert read_rating(text, SCALE, "harmless") == rating


@pytest.mark.parametrize("text", NOT_READ)
def test_what_is_no_rating_is_not_read(text):
    assert read_rating(text, SCALE, "harmless") is None


def test_another_objective_s_score_is_not_taken():
    assert read_rating("Harmless: 7/10, helpful: 9/10", SCALE, "helpful") == 9
    assert read_rating("Harmless: 7/10, helpful: 9/10", SCALE) is None


def test_other_scales():
    assert read_rating("Rating: 0", (0.0, 5.0)) == 0
    assert read_rating("4/5", (0.0, 5.0)) == 4
    assert read_rating("Rating: 85/100", (0.0, 100.0)) == 85
    assert read_rating("0.4", (0.0, 1.0)) == 0.4
    assert read_rating("Rating: -2", (-3.0, 3.0)) == -2
    assert read_rating("7/10", (0.0, 5.0)) is None


FORMS = (
    "{}",
    "{}.",
    "**{}**",
    "Rating: {}",
    "Score: {}/10",
    "{}/10",
    "{} out of 10",
    "I'd give it a {}.",
    "My rating is {} because it is kind.",
    '{{"rating": {}}}',
    "It is kind, and it is short.\n\nRating: {}",
    "{}\n\nIt is kind, and it is short.",
    "<think>hm, 3</think>{}",
    "Final score: {}, not 1",
)


@given(st.sampled_from(FORMS), st.integers(10, 100))
def test_every_rating_on_the_scale_is_read_in_every_form(form, tenths):
    rating = tenths / 10
    assert read_rating(form.format(f"{rating:g}"), SCALE) == rating


@given(st.sampled_from(FORMS[:10]), st.integers(-300, 9999).filter(lambda n: not 1 <= n <= 10))
def test_no_number_off_the_scale_is_read_in_any_form(form, number):
    assert read_rating(form.format(number), SCALE) is None


PIECES = st.sampled_from(
    [*"0123456789./,-:()*\"' \n", "10", "/10", " out of ", "Rating: ", "score", "is", "seven", "a "]
)


@settings(max_examples=400)
@given(st.lists(PIECES, max_size=30).map("".join) | st.text(max_size=80))
def test_any_text_gives_a_rating_on_the_scale_or_none(text):
    rating = read_rating(text, SCALE, "harmless")
    assert rating is None or 1 <= rating <= 10


@given(st.text(st.characters(exclude_categories=("N", "Cs")), max_size=80))
def test_without_a_number_nothing_is_read(text):
    words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    if not any(word in text.lower() for word in words):
        assert read_rating(text, SCALE) is None


@pytest.mark.parametrize(
    "text", ["score " * 3000, "1" * 9000, "7 - " * 3000, "max score : " * 2000]
)
def test_long_replies_are_read_in_a_moment(text):
    started = time.process_time()
    read_rating(text, SCALE, "harmless")
    assert time.process_time() - started < 2
