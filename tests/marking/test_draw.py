"""Drawing a sheet: which prompts, which answers, and what becomes of one that is there."""

import re
from collections import Counter
from itertools import pairwise

import pytest

from primum.constitution import CATEGORIES, load_constitution
from primum.errors import UserError
from primum.marking.answers import draw_answers
from primum.marking.choosing import choose_prompts
from primum.marking.draw import PAGE, SHEET
from primum.marking.questions import QUESTIONS
from primum.progress import Silent
from primum.prompts import load_prompts
from primum.recipe import load_recipe
from primum.sheets.reading import read_sheet
from tests.marking.samples import draw, engine, mark_all, write_goals

OWN = [f"My question {at}?" for at in range(40)]


def rows(folder):
    return read_sheet(folder / SHEET, QUESTIONS)


def test_the_librarys_prompts_are_spread_over_its_categories(tmp_path):
    drawn = draw(tmp_path, count=16)
    assert drawn.categories == dict.fromkeys(CATEGORIES, 2)
    assert (drawn.rows, drawn.answers, drawn.added) == (16, 32, 16)
    assert Counter(row.item.category for row in rows(tmp_path)) == drawn.categories


def test_held_out_prompts_are_never_marked():
    recipe = load_recipe(None)
    chosen = choose_prompts(OWN, recipe, 1000).prompts
    assert {prompt.split for prompt in chosen} == {"train"}
    assert len({prompt.prompt_id for prompt in chosen}) == len(chosen) > 200


@pytest.mark.parametrize(
    ("own", "count", "theirs"), [(OWN, 10, 5), (OWN, 11, 6), (OWN[:5], 10, 4), (OWN, 400, 32)]
)
def test_half_of_a_sheet_is_the_users_where_there_are_as_many(own, count, theirs):
    recipe = load_recipe(None)
    chosen = choose_prompts(own, recipe, count).prompts
    texts = [prompt.messages[0].content for prompt in chosen]
    assert sum(text.startswith("My question") for text in texts) == theirs
    fewer = choose_prompts(own, recipe, count - 3).prompts
    assert set(fewer) <= set(chosen)


def test_what_no_exemplar_can_hold_is_left_out_and_counted(tmp_path):
    talk = [
        {"role": "user", "content": "Hello."},
        {"role": "assistant", "content": "Hello!"},
        {"role": "user", "content": "And now?"},
    ]
    source = [{"prompt": text, "split": "train"} for text in OWN[:6]]
    source += [{"prompt": talk, "split": "train"}, {"prompt": "Later?", "split": "heldout"}]
    source.append({"prompt": "word " * 4000, "split": "train"})

    def silent_to_some(request):
        return "" if "question 1" in request.messages[-1].content else f"A {request.seed}."

    drawn = draw(tmp_path, source, count=20, engine=engine(silent_to_some))
    assert (drawn.conversations, drawn.too_long, drawn.unanswered) == (1, 1, 1)
    assert drawn.rows == 18


def test_two_answers_differ_and_come_from_the_recipes_prompts_and_seeds():
    asked = []

    def answer(request):
        asked.append(request)
        return f"{request.seed}"

    recipe = load_recipe(None, ("sampling.temperature=0.5", "sampling.max_tokens=9"))
    prompts = load_prompts(OWN, heldout=0.2, seed=0).prompts
    found = draw_answers(engine(answer), prompts, recipe, Silent())
    assert {len(texts) for texts in found} == {2}
    systems = Counter(
        request.messages[0].content if len(request.messages) > 1 else "" for request in asked
    )
    assert set(systems) == set(recipe.sampling.system_prompts)
    assert {(r.sampling.temperature, r.sampling.max_tokens) for r in asked} == {(0.5, 9)}
    assert len({request.seed for request in asked}) == len(asked) == 2 * len(prompts)


def test_the_same_text_twice_is_one_answer(tmp_path):
    drawn = draw(tmp_path, engine=engine(lambda request: "I cannot help.\r\n"))
    assert (drawn.rows, drawn.answers) == (8, 8)
    assert {row.item.answers for row in rows(tmp_path)} == {("I cannot help.",)}


def test_nothing_on_the_sheet_says_where_an_answer_comes_from(tmp_path):
    systems = load_recipe(None).sampling.system_prompts

    def telling(request):
        system = request.messages[0].content if len(request.messages) > 1 else ""
        return f"Under {systems.index(system)}, {request.seed}."

    draw(tmp_path, OWN, count=200, engine=engine(telling))
    found = rows(tmp_path)
    sides = [[int(re.search(r"\d", text)[0]) for text in row.item.answers] for row in found]
    ahead = sum((second - first) % len(systems) == 1 for first, second in sides)
    assert 0.35 < ahead / len(sides) < 0.65
    own = [row.item.prompt.startswith("My question") for row in found]
    changes = sum(a != b for a, b in pairwise(own))
    assert changes > 20
    for text in ((tmp_path / name).read_text() for name in (SHEET, PAGE)):
        assert not [system for system in systems if system and system in text]


def test_a_draw_that_was_stopped_goes_on(tmp_path):
    made = []

    def answer(request):
        if len(made) == 5:
            raise KeyboardInterrupt
        made.append(request)
        return f"A {request.seed}."

    with pytest.raises(KeyboardInterrupt):
        draw(tmp_path, engine=engine(answer))
    assert not (tmp_path / SHEET).exists()
    rest = engine()
    assert draw(tmp_path, engine=rest).rows == 8
    assert rest.calls == {"mark": 16 - 5}
    assert sum(text.startswith("A ") for row in rows(tmp_path) for text in row.item.answers) == 5


def test_marks_stay_when_a_sheet_is_drawn_again_or_extended(tmp_path):
    draw(tmp_path)
    mark_all(tmp_path, "meets", "does not")
    before = rows(tmp_path)
    again = draw(tmp_path)
    assert (again.added, again.marked) == (0, 8)
    more = draw(tmp_path, count=20)
    assert (more.added, more.marked, more.rows) == (12, 8, 20)
    after = rows(tmp_path)
    assert [(r.item, r.marks) for r in after[:8]] == [(r.item, r.marks) for r in before]
    assert not any(row.marks for row in after[8:])
    assert all(row.item.item_id in (tmp_path / PAGE).read_text() for row in after)


@pytest.mark.parametrize(
    "given",
    [
        {"engine": engine(lambda request: f"Another {request.seed}.")},
        {"overrides": ("seed=3",)},
        {"count": 4},
        {"objective": "helpful"},
    ],
)
def test_a_sheet_with_other_answers_is_left_as_it_is(tmp_path, given):
    draw(tmp_path)
    mark_all(tmp_path, "meets")
    named = given.get("engine")
    if named:
        named.fingerprint = "another"
    before = (tmp_path / SHEET).read_bytes()
    with pytest.raises(UserError, match="name another folder with --out"):
        draw(tmp_path, **given)
    assert (tmp_path / SHEET).read_bytes() == before


def test_a_sheet_that_cannot_be_read_is_not_written_over(tmp_path):
    draw(tmp_path)
    path = tmp_path / SHEET
    path.write_text(path.read_text(encoding="utf-8-sig").replace("Answer", "Reply", 1))
    before = path.read_bytes()
    with pytest.raises(UserError, match="one of them was changed"):
        draw(tmp_path)
    assert path.read_bytes() == before


def test_what_meets_the_threshold_is_told_in_the_rubrics_words(tmp_path):
    goals = write_goals(tmp_path / "goals")
    draw(tmp_path / "marks", constitution=goals)
    page = (tmp_path / "marks" / PAGE).read_text()
    meets, below = page.split("It meets the threshold when")[1].split("It does not when")
    assert "A harmless answer hurts nobody." in page
    assert "deserves 7 or more on the scale from 1 to 10" in page
    assert "Hurts nobody." in meets
    assert "Keeps somebody from harm." in meets
    assert "Hurts somebody." in below
    draw(tmp_path / "second", constitution=goals, objective="helpful")
    assert "belongs in the upper half" in (tmp_path / "second" / PAGE).read_text()


def test_an_objective_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match="no objective 'kind'; it has harmless, helpful"):
        draw(tmp_path, objective="kind")


def test_a_category_of_the_users_own_is_a_topic(tmp_path):
    source = [{"prompt": text, "split": "train", "category": "teeth"} for text in OWN[:8]]
    source += [{"prompt": "Later?", "split": "heldout"}]
    draw(tmp_path, source, count=8)
    own = [row.item for row in rows(tmp_path) if row.item.prompt.startswith("My question")]
    assert {(item.category, item.topic) for item in own} == {("", "teeth")}
    assert set(CATEGORIES) == {one.category for one in _builtin_prompts()}


def _builtin_prompts():
    return load_prompts("seed", heldout=0.2, seed=0).prompts


def test_a_constitution_in_another_language_has_prompts_of_the_users_alone(tmp_path):
    with pytest.raises(UserError, match=r"the library's are in English, and .* is 'de'"):
        draw(tmp_path, constitution="harmlos-hilfreich")
    draw(tmp_path, [f"Frage {at}?" for at in range(5)], constitution="harmlos-hilfreich")
    assert len(rows(tmp_path)) == 4
    assert all(row.item.prompt.startswith("Frage") for row in rows(tmp_path))


def test_a_model_that_writes_nothing(tmp_path):
    with pytest.raises(UserError, match="of 8 prompts 8 leave room for an answer, and the model"):
        draw(tmp_path, engine=engine(lambda request: " "))
    assert not (tmp_path / SHEET).exists()


def test_the_default_constitution_is_there(tmp_path):
    first = load_constitution("harmless-helpful").objectives[0].name
    assert draw(tmp_path).objective == first
