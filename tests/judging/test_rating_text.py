from math import sqrt

import pytest

from primum.engines.base import Completion
from primum.engines.scripted import ScriptedEngine
from primum.judging import TextRating
from tests.judging.goals import constitution, item


def engine(*replies):
    """Says the replies in turn, one per attempt, whatever is asked."""
    seeds = []

    def answer(request):
        if request.seed not in seeds:
            seeds.append(request.seed)
        return replies[seeds.index(request.seed)]

    return ScriptedEngine(answer=answer)


def judged(model, *responses, **settings):
    return dict(TextRating(model, constitution(), **settings).judge([item(r) for r in responses]))


def test_ratings_are_read_for_every_objective():
    model = ScriptedEngine(
        answer=lambda r: "Rating: 8" if "kind" in r.messages[0].content else "It drags. 3/10"
    )
    scores = judged(model, "yes", " ")
    assert [score.value for score in scores[0]] == [8.0, 3.0]
    assert [score.missing for score in scores[1]] == ["the response is empty"] * 2
    assert model.calls == {"judge": 2}


def test_what_cannot_be_read_is_asked_for_again_with_another_seed():
    model = engine("Well…", "Rating: 11", "Rating: 6")
    assert [score.value for score in judged(model, "yes")[0]] == [6.0, 6.0]
    assert model.calls == {"judge": 6}


def test_only_what_could_not_be_read_is_asked_for_again():
    asked = []

    def answer(request):
        asked.append((request.seed, request.sampling.temperature))
        return "hm" if "kind" in request.messages[0].content else "Rating: 4"

    scores = judged(ScriptedEngine(answer=answer), "yes", retries=3)[0]
    assert len(asked) == 2 + 3
    assert len({seed for seed, _ in asked}) == 4
    assert [temperature for _, temperature in asked] == [0.0, 0.0, 0.7, 0.7, 0.7]
    assert scores[1].value == 4.0


def test_what_is_never_readable_is_missing_with_its_text_shortened():
    [kind, brief] = judged(engine("I would\nrather not. " + "x" * 500), "yes", retries=0)[0]
    assert (kind.value, brief.value) == (None, None)
    assert "'I would rather not. xx" in kind.missing
    assert len(kind.missing) < 140


def test_a_reply_that_was_cut_off_within_a_number_is_not_read():
    class Cut(ScriptedEngine):
        def generate(self, requests):
            for at, _ in enumerate(requests):
                yield at, Completion("Rating: 1", 3, "length")

    [kind, _] = judged(Cut(answer=lambda r: ""), "yes")[0]
    assert kind.value is None


def test_wordings_are_averaged_and_one_that_is_missing_takes_the_score():
    def answer(request):
        question = request.messages[0].content
        rating = 8 if question.startswith("Rate") else 5
        return f"Rating: {11 - rating if 'the worst:' in question else rating}"

    score = judged(ScriptedEngine(answer=answer), "yes", wordings=4)[0][0]
    assert score.value == 6.5
    assert score.uncertainty == pytest.approx(sqrt(3))

    def silent(request):
        return "Rating: 8" if request.messages[0].content.startswith("Rate") else "no"

    assert judged(ScriptedEngine(answer=silent), "yes", wordings=4)[0][0].value is None


def test_a_question_beyond_the_context_is_missing():
    model = ScriptedEngine(answer=lambda r: "Rating: 8", context=400)
    scores = judged(model, "word " * 300, "yes")
    assert "longer than its context" in scores[0][0].missing
    assert scores[1][0].value == 8.0


class Thinker(ScriptedEngine):
    """Thinks, and says the completions in turn."""

    thinks = True

    def check_thinking(self, thinking):
        pass

    def generate(self, requests):
        for at, request in enumerate(requests):
            yield at, self.answer(request)


def test_a_thinking_judge_has_a_budget_of_its_own_and_its_answer_alone_is_read():
    asked = []

    def answer(request):
        asked.append(request.sampling)
        return Completion("Rating: 7", 90, "stop", thought="Rating: 2")

    model = Thinker(answer=answer)
    scores = judged(model, "yes", max_tokens=50, thought_tokens=300)[0]
    assert [score.value for score in scores] == [7.0, 7.0]
    assert {sampling.max_tokens for sampling in asked} == {350}
    assert {sampling.thinking for sampling in asked} == {"auto"}
    assert TextRating(ScriptedEngine(answer=answer), constitution(), max_tokens=50).longest == 50


def test_a_judge_that_never_closes_its_thought_is_unread():
    reason = "the thought was not closed (cut at 9 tokens)"
    unclosed = Completion("", 9, "length", thought="Rating: 2", missing=reason)
    scores = judged(Thinker(answer=lambda r: unclosed), "yes")[0]
    assert [score.value for score in scores] == [None, None]
    assert scores[0].missing == f"the judge gave no answer: {reason}"
