"""What stands twice, in each of the three shapes."""

import pytest

from tests.constitution.checking.made import even, findings, found, marks, only, pairs


def louder(row):
    return {
        key: [f" {one.upper()}" for one in text]
        if isinstance(text, list)
        else f"  {text.upper()} "
        if isinstance(text, str)
        else text
        for key, text in row.items()
    }


def test_a_sound_constitution_has_no_findings():
    other = [{**row, "prompt": "Other"} for row in even(1)]
    assert findings({}, {"exemplars": [*other, *even(), *pairs()]}) == ()


@pytest.mark.parametrize(
    ("rows", "again", "name", "first"),
    [
        ([], louder(even()[3]), "contrast 61", "contrast 4"),
        ([], louder(pairs()[2]), "equal pair 21", "equal pair 3"),
        ([], {**pairs()[2], "equal": pairs()[2]["equal"][::-1]}, "equal pair 21", "equal pair 3"),
        (marks(), louder(marks()[4]), "marked answer 51", "marked answer 5"),
    ],
)
def test_a_repeated_exemplar_is_an_error_whatever_its_spaces_and_order(rows, again, name, first):
    finding = only(found(*rows, again))
    assert (finding.severity, finding.objective) == ("error", "o0")
    assert finding.message.startswith(f"{name} (")
    assert f"repeats {first};" in finding.message


@pytest.mark.parametrize(
    ("row", "first"),
    [
        ({"prompt": "question 3?", "better": "Another.", "worse": "One more."}, "contrast 4"),
        ({"prompt": "equal 3?", "equal": ["Another.", "One more."]}, "equal pair 4"),
    ],
)
def test_the_same_prompt_with_other_texts_is_a_warning(row, first):
    finding = only(found(row))
    assert finding.severity == "warning"
    assert f"has the prompt of {first};" in finding.message


def test_several_marked_answers_to_one_prompt_are_fine():
    assert found(*marks(), {"prompt": "Mark 3?", "answer": "Quite otherwise.", "meets": True}) == ()


def test_one_prompt_under_two_topics_is_a_warning():
    rows = [
        {"prompt": "Where to?", "better": "Left here.", "worse": "Left there.", "topic": "roads"},
        {"prompt": "where  to?", "answer": "Right here.", "meets": True, "topic": "maps"},
    ]
    finding = only(found(*rows))
    assert finding.severity == "warning"
    assert "marked answer 1 ('where to?') has the topic 'maps'" in finding.message
    assert "contrast 61, with the same prompt, 'roads'" in finding.message
