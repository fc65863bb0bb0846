import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.evaluation.guards.form import form_guards
from primum.evaluation.guards.margins import MARGINS
from primum.evaluation.guards.measures.family import MEASURES
from primum.recipe.schema import Guards
from tests.evaluation.guards.prose import PROMPTS, answers
from tests.evaluation.tables import answers_of


def found(before, after, prompts=PROMPTS, categories=None, settings=None, of="after", **others):
    table = answers_of({"before": before, "after": after, **others}, categories, prompts)
    results = form_guards(table, settings or Guards(), after=of, resamples=300)
    return {result.guard: result for result in results}


def broken(*sides, **options):
    return [name for name, result in found(*sides, **options).items() if not result.held]


def ended(texts, finish):
    """Answers that ended so, in the order of the answerers."""
    table = answers_of(texts, None, PROMPTS)
    at = table.column_names.index("finish")
    return table.set_column(at, table.schema.field("finish"), pa.array(finish, pa.string()))


def test_another_draw_of_the_same_model_breaks_nothing():
    assert broken(answers(), answers("much")) == []


def test_the_same_answers_break_nothing():
    assert broken(answers(), answers()) == []


def test_switched_off_nothing_is_found():
    assert found(answers(), answers(), settings=Guards(form=False)) == {}


SPOILT = {
    "empty": lambda text: "",
    "refusals": lambda text: "I'm sorry, but I can't help with that.",
    "same opening": lambda text: f"This is a matter of {text}",
    "shared phrases": lambda text: f"As far as anybody can tell from here and now, {text}",
    "stock phrases": lambda text: f"{text} Your safety always comes first.",
    "repetition": lambda text: text + " Keep calm and carry on walking." * 9,
    "length": lambda text: " ".join(text.split()[:12]) + ".",
    "unfinished": lambda text: f"{text} And then",
    "capitals": str.upper,
    "language": lambda text: (
        "Das ist nicht so einfach, und ich weiß auch nicht, wie man es mit der Zeit macht."
    ),
    "authorities": lambda text: f"{text} According to a study by Harvard, it works.",
}


@pytest.mark.parametrize("guard", SPOILT)
def test_what_is_lost_breaks_its_guard(guard):
    after = [SPOILT[guard](text) for text in answers()]
    # How they end is not known, as of files made elsewhere.
    table = ended({"before": answers(), "after": after}, [None] * 2 * len(PROMPTS))
    results = {each.guard: each for each in form_guards(table, Guards(), resamples=300)}
    assert not results[guard].held
    assert results[guard].loss.high >= MARGINS[guard]
    assert len(results[guard].examples) == 2
    assert all(example.prompt in PROMPTS for example in results[guard].examples)


def test_an_echo_of_the_prompt_is_broken():
    after = [f"{prompt} {text}" for prompt, text in zip(PROMPTS, answers(), strict=True)]
    assert "echo" in broken(answers(), after)


def test_answers_to_other_prompts_are_broken_by_relevance_alone():
    after = answers()
    assert broken(answers(), after[1:] + after[:1]) == ["relevance"]


def test_twice_as_long_is_broken_by_length():
    both = [f"{one} {other}" for one, other in zip(answers("much"), answers("no"), strict=True)]
    result = found(answers(), both)["length"]
    assert not result.held
    assert result.loss.value == pytest.approx(1, abs=0.1)


def test_a_cut_at_the_limit_counts_where_the_end_is_known():
    ends = ["stop"] * len(PROMPTS) + ["length"] * len(PROMPTS)
    table = ended({"before": answers(), "after": answers()}, ends)
    results = form_guards(table, Guards(), resamples=300)
    assert [each.guard for each in results if not each.held] == ["unfinished"]


def test_the_sentence_says_how_many_and_what():
    after = [f"This is {text}" for text in answers()]
    said = found(answers(), after)["same opening"].sentence
    assert said.startswith("same opening: 28 of 28 answers begin with “this”, before 0 (loss 0.93")
    assert said.endswith("margin 0.12)")


def test_a_missing_row_and_a_missing_answer_are_empty():
    table = answers_of({"before": answers(), "after": answers()[:-5]}, None, PROMPTS)
    result = next(each for each in form_guards(table, Guards()) if each.guard == "empty")
    assert result.after == pytest.approx(5 / 28)
    assert not result.held


def test_harmful_prompts_may_be_refused():
    labels = ["harmful-request"] * 9 + ["everyday"] * 19
    after = ["I can't help with that."] * 9 + answers()[9:]
    assert broken(answers(), after, categories=labels) == []
    assert "refusals" in broken(answers(), after)
    said = found(answers(), after)["refusals"].sentence
    assert "since none has the category harmful-request" in said


def test_a_users_own_categories_tell_no_harmful_prompts():
    after = ["I can't help with that."] * 14 + answers()[14:]
    assert "refusals" in broken(answers(), after, categories=["unsafe"] * 28)


@pytest.mark.parametrize("count", [0, 1, 9])
def test_few_prompts_show_nothing_and_say_so(count):
    results = found(answers()[:count], answers()[:count], prompts=PROMPTS[:count])
    assert len(results) == len(MEASURES)
    assert not any(result.held for result in results.values())
    assert f"since {count} prompts have an answer before and 10 are needed" in (
        results["empty"].sentence
    )


def test_every_trained_model_is_compared_by_itself():
    both = {"after-2": [text.upper() for text in answers()]}
    assert broken(answers(), answers("much"), **both) == []
    assert broken(answers(), answers("much"), of="after-2", **both) == ["capitals"]


def test_the_starting_model_again_is_no_trained_one():
    assert broken(answers(), answers(), again=[""] * len(PROMPTS)) == []


def test_a_margin_of_the_recipe_goes_first():
    after = [text.upper() for text in answers()]
    assert broken(answers(), after, settings=Guards(margins={"capitals": 1.1})) == []


def test_what_is_quoted_is_one_short_line():
    after = [f"\x1b[31m<script>\n\n{text}\u202e" * 9 for text in answers()]
    for result in found(answers(), after).values():
        shown = [result.sentence, *(example.after for example in result.examples)]
        assert all(text.isprintable() and len(text) < 260 for text in shown)


TEXTS = st.lists(st.text(max_size=40), min_size=12, max_size=12)


@given(before=TEXTS, after=TEXTS)
def test_whatever_is_written_gives_figures_in_order(before, after):
    prompts = [f"Tell me about number {at}." for at in range(12)]
    for result in found(before, after, prompts=prompts).values():
        if result.loss.high is not None:
            assert result.loss.low - 1e-9 <= result.loss.value <= result.loss.high + 1e-9
        if result.held:
            assert result.loss.high < result.margin


def test_few_prompts_are_said_to_be_few_where_nothing_was_lost():
    texts = [f"One calm and useful answer about number {at} and what to do." for at in range(12)]
    found = {
        each.guard: each
        for each in form_guards(answers_of({"before": texts, "after": texts}), Guards())
    }
    assert not found["empty"].held
    assert "12 prompts do not rule out a loss as large as the margin" in found["empty"].sentence
