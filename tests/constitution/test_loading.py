"""Constitutions from files: what works, and a sentence for everything that does not."""

import json

import pytest
import yaml

from primum.constitution import Constitution, load_constitution
from primum.errors import UserError

GOOD = {"prompt": "Is it safe?", "better": "No, and here is why.", "worse": "Sure, go on."}


def objective(name, **more):
    return {"name": name, "definition": f"Be {name}.", **more}


@pytest.fixture
def write(tmp_path):
    def write_constitution(*objectives, **more):
        file = tmp_path / "mine.yaml"
        content = {"name": "mine", **more, "objectives": list(objectives)}
        file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
        return file

    return write_constitution


@pytest.fixture
def write_lines(tmp_path):
    def write_exemplars(name, *rows):
        lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        (tmp_path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        return name

    return write_exemplars


def failure(file):
    with pytest.raises(UserError) as caught:
        load_constitution(file)
    return str(caught.value)


def test_smallest(write):
    constitution = load_constitution(write(objective("safe"), objective("useful")))
    assert [o.name for o in constitution.objectives] == ["safe", "useful"]
    low, high = constitution.scale
    assert (low, high) == (1, 10)
    assert constitution.objectives[0].threshold is None


def test_everything(write):
    full = objective(
        "safe",
        principles=["Do no harm."],
        rubric={0: "bad", 5: "good"},
        threshold=4,
        exemplars=[GOOD],
    )
    file = write(full, objective("useful"), description="d", scale={"low": 0, "high": 5})
    first = load_constitution(file).objectives[0]
    assert first.rubric == {0.0: "bad", 5.0: "good"}
    assert first.threshold == 4
    assert first.exemplars[0].worse == GOOD["worse"]


def test_three_objectives_keep_their_order(write):
    names = ["honest", "harmless", "helpful"]
    constitution = load_constitution(write(*map(objective, names)))
    assert [o.name for o in constitution.objectives] == names


def test_exemplars_in_place_in_a_file_in_files_and_mixed(write, write_lines):
    one = write_lines("one.jsonl", GOOD, "", {**GOOD, "topic": "t"})
    other = write_lines("other.jsonl", GOOD)
    for listed, count in [([GOOD], 1), (one, 2), ([one, other], 3), ([GOOD, other, GOOD], 3)]:
        file = write(objective("safe", exemplars=listed), objective("useful"))
        assert len(load_constitution(file).objectives[0].exemplars) == count


def test_fingerprint_is_of_the_content(write, write_lines):
    lines = write_lines("one.jsonl", GOOD)
    apart = load_constitution(write(objective("a", exemplars=lines), objective("b")))
    inline = load_constitution(
        write(objective("a", exemplars=[GOOD]), objective("b"), description="other words")
    )
    assert apart.fingerprint == inline.fingerprint
    assert len(apart.fingerprint) == 64
    swapped = load_constitution(write(objective("b"), objective("a", exemplars=[GOOD])))
    higher = load_constitution(write(objective("a", exemplars=[GOOD], threshold=5), objective("b")))
    assert len({apart.fingerprint, swapped.fingerprint, higher.fingerprint}) == 3


def test_is_immutable(write):
    constitution = load_constitution(write(objective("a"), objective("b")))
    with pytest.raises(ValueError, match="frozen"):
        constitution.name = "other"


def test_one_objective(write):
    text = failure(write(objective("safe")))
    assert "at least two objectives" in text
    assert "mine.yaml, line 2" in text


def test_no_objectives(write):
    assert "at least two objectives" in failure(write())


def test_exemplar_without_its_other_side(write, write_lines):
    half = {"prompt": "p", "better": "b"}
    lines = write_lines("one.jsonl", GOOD, "", half)
    text = failure(write(objective("safe", exemplars=lines), objective("useful")))
    assert "one.jsonl, line 3: objectives.0.exemplars.1:" in text
    assert "no 'worse' one" in text


def test_inline_exemplar_without_its_other_side(write):
    file = write(objective("safe"), objective("useful", exemplars=[{"prompt": "p", "worse": "w"}]))
    text = failure(file)
    assert "mine.yaml, line 8: objectives.1.exemplars.0:" in text
    assert "no 'better' one" in text


def test_malformed_exemplar_line(write, write_lines):
    lines = write_lines("one.jsonl", GOOD, "{")
    text = failure(write(objective("safe", exemplars=lines), objective("useful")))
    assert "one.jsonl, line 2: malformed JSON" in text


def test_exemplar_line_that_is_no_object(write, write_lines):
    lines = write_lines("one.jsonl", GOOD, '"text"')
    text = failure(write(objective("safe", exemplars=lines), objective("useful")))
    assert "one.jsonl, line 2: objectives.0.exemplars.1 should be a mapping" in text


def test_missing_and_empty_exemplar_files(write, write_lines):
    text = failure(write(objective("safe", exemplars="gone.jsonl"), objective("useful")))
    assert "mine.yaml, line" in text
    assert "there is no exemplar file" in text
    empty = write_lines("empty.jsonl")
    text = failure(write(objective("safe", exemplars=[empty]), objective("useful")))
    assert "is empty" in text


@pytest.mark.parametrize(
    ("key", "hint"),
    [("definitoin", "objectives.0.definition"), ("exemplar", "objectives.0.exemplars")],
)
def test_unknown_key(write, key, hint):
    text = failure(write(objective("safe", **{key: "x"}), objective("useful")))
    assert f"unknown key 'objectives.0.{key}' (did you mean {hint}?)" in text


def test_unknown_key_of_an_exemplar(write, write_lines):
    lines = write_lines("one.jsonl", {**GOOD, "topik": "t"})
    text = failure(write(objective("safe", exemplars=lines), objective("useful")))
    assert "one.jsonl, line 1: unknown key" in text
    assert "exemplars.0.topic?" in text


PAIR = {"prompt": "Which way?", "equal": ["Left.", "Left, I think."]}
MARK = {"prompt": "Which way?", "answer": "Left.", "meets": True}


def test_the_three_shapes_in_place_and_in_files(write, write_lines):
    lines = write_lines("one.jsonl", PAIR, {**PAIR, "differ": "caution", "meets": True})
    listed = [GOOD, lines, write_lines("other.jsonl", MARK)]
    first = load_constitution(write(objective("safe", exemplars=listed), objective("useful")))
    safe = first.objectives[0]
    assert (len(safe.contrasts), len(safe.equal_pairs)) == (1, 2)
    assert [(one.answer, one.meets) for one in safe.marked] == [
        ("Left.", True),
        ("Left, I think.", True),
        ("Left.", True),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({**PAIR, "equal": ["Left.", " Left. "]}, ": both answers of the equal pair are the same"),
        ({**PAIR, "equal": ["Left."]}, ".equal: 1 of them; an equal pair holds two answers"),
        ({**PAIR, "equal": ["a", "b", "c"]}, ".equal: 3 of them; an equal pair holds two answers"),
        ({**PAIR, "equal": "Left."}, ".equal should be a list, but is 'Left.'"),
        ({**PAIR, "equal": ["Left.", " "]}, ".equal.1: is empty"),
        ({**PAIR, "differs": "tone"}, ".differs' (did you mean objectives.0.exemplars.0.differ?)"),
        ({**PAIR, "differ": "voice"}, "should be 'caution', 'help', 'length' or 'tone', but is"),
        ({**MARK, "meets": "maybe"}, ".meets should be true or false, but is 'maybe'"),
        ({"prompt": "p", "answer": "a"}, ".meets' is missing"),
        ({**MARK, "topik": "t"}, ".topik' (did you mean objectives.0.exemplars.0.topic?)"),
        ({**MARK, "category": "harmful"}, "or 'harmful-request', but is 'harmful'"),
        ({**GOOD, "better_meets": False, "worse_meets": True}, "decide which side is better"),
        ({**GOOD, "meets": True}, ": 'meets' does not say which side of the contrast it marks"),
    ],
)
def test_what_is_wrong_with_a_shape(write, write_lines, row, said):
    lines = write_lines("one.jsonl", row)
    text = failure(write(objective("safe", exemplars=lines), objective("useful")))
    assert "one.jsonl, line 1: " in text
    assert said in text


SHAPES = (
    "a contrast has 'better' and 'worse', an equal pair 'equal', and a marked answer 'answer' and "
    "'meets'"
)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"better": "b", "answer": "a"}, "'better' and 'answer' are keys of different shapes: "),
        ({**MARK, **GOOD}, "'better' and 'answer' are keys of different shapes: "),
        ({**PAIR, "worse": "w"}, "'worse' and 'equal' are keys of different shapes: "),
        ({**PAIR, **MARK}, "'equal' and 'answer' are keys of different shapes: "),
        ({}, "it is no exemplar: "),
    ],
)
def test_two_shapes_in_one_row_or_none_are_one_sentence(write, write_lines, row, said):
    lines = write_lines("one.jsonl", {"prompt": "p", **row})
    text = failure(write(objective("safe", exemplars=lines), objective("useful")))
    assert text.endswith(f"one.jsonl, line 1: objectives.0.exemplars.0: {said}{SHAPES}")


def test_a_mistyped_key_of_a_shape_is_named(write):
    for row, said in [
        ({"equals": ["a", "b"]}, "did you mean 'equal' by 'equals'?"),
        ({"anwser": "a", "meets": True}, "did you mean 'answer' by 'anwser'?"),
        ({"beter": "a", "wrose": "b"}, "did you mean 'better' by 'beter' and 'worse' by 'wrose'?"),
    ]:
        rows = [{"prompt": "p", **row}]
        text = failure(write(objective("safe", exemplars=rows), objective("useful")))
        assert text.endswith(f"{SHAPES}; {said}")


def test_duplicate_names(write):
    assert "'safe' stands 2 times" in failure(write(objective("safe"), objective("safe")))


@pytest.mark.parametrize(
    "name", ["Safe", "not safe", "../up", "", "-a", "a--b", "9a", "é", "a" * 41]
)
def test_names_that_are_not_plain(write, name):
    text = failure(write(objective("useful"), objective(name)))
    assert "is not a plain name" in text
    assert "objectives.1.name" in text


@pytest.mark.parametrize(
    ("key", "value"), [("threshold", 11), ("threshold", 0.5), ("rubric", {12: "x"})]
)
def test_outside_the_scale(write, key, value):
    text = failure(write(objective("safe"), objective("useful", **{key: value})))
    assert f"the {key} of the objective 'useful'" in text
    assert "outside the scale from 1 to 10" in text


@pytest.mark.parametrize("scale", [{"low": 5, "high": 5}, {"low": 9, "high": 1}])
def test_scale_that_does_not_rise(write, scale):
    text = failure(write(objective("a"), objective("b"), scale=scale))
    assert "must be below high" in text


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
@pytest.mark.parametrize(
    "make",
    [
        lambda blank: {"definition": blank},
        lambda blank: {"principles": ["Do.", blank]},
        lambda blank: {"rubric": {1: blank}},
        lambda blank: {"exemplars": [{**GOOD, "better": blank}]},
        lambda blank: {"exemplars": [{**GOOD, "prompt": blank}]},
    ],
)
def test_empty_text(write, make, blank):
    text = failure(write({**objective("safe"), **make(blank)}, objective("useful")))
    assert "is empty; write the text" in text
    assert "mine.yaml, line" in text


def test_identical_sides(write):
    same = {**GOOD, "better": "Same.", "worse": "Same. "}
    text = failure(write(objective("safe", exemplars=[same]), objective("useful")))
    assert "both sides of the exemplar are the same" in text


def test_no_such_constitution(tmp_path):
    assert "did you mean 'harmless-helpful'?" in failure("harmless-helpfull")
    assert "built-in ones: " in failure("zzz")
    assert "no such file" in failure(tmp_path / "gone.yaml")


def test_malformed_file(tmp_path):
    file = tmp_path / "mine.yaml"
    for text, problem in [
        ("", "is empty"),
        ("- a", "should be a mapping"),
        ("name: a\nobjectives: [", "line 2: malformed YAML"),
        ("name: a\nname: b\n", "line 2: the key 'name' stands twice"),
        ("name: a\nobjectives: 5", "objectives should be a list, but is 5"),
        ("name: a\nobjectives:\n- 5\n- 6", "line 3: objectives.0 should be a mapping, but is 5"),
    ]:
        file.write_text(text)
        assert problem in failure(file)


def test_constitution_in_python():
    names = ("safe", "useful")
    made = Constitution.model_validate({"name": "c", "objectives": [objective(n) for n in names]})
    assert tuple(o.name for o in made.objectives) == names
