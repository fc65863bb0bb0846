"""Marks of several people, and what they become."""

import pytest

from primum.constitution import Contrast, EqualPair, MarkedAnswer
from primum.errors import UserError
from primum.marking.exemplars import exemplars_of, json_lines, merge, read_exemplars
from primum.marking.joining import join_marks
from primum.marking.questions import check_marks
from tests.marking.samples import filled, item

ITEMS = [item(at) for at in range(6)]


def joined(*sheets):
    return join_marks({f"sheet {at}": rows for at, rows in enumerate(sheets)})


def made_of(*sheets):
    return exemplars_of(joined(*sheets))


def marked(number, side, meets, **given):
    texts = ITEMS[number].answers
    return MarkedAnswer(prompt=ITEMS[number].prompt, answer=texts[side], meets=meets, **given)


def equal(number, meets=None):
    return EqualPair(prompt=ITEMS[number].prompt, equal=ITEMS[number].answers, meets=meets)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("meets", "does not", ""), [marked(0, 0, True), marked(0, 1, False)]),
        (("meets", "meets", "equal"), [equal(0), marked(0, 0, True), marked(0, 1, True)]),
        (("does not", "does not", "equal"), [equal(0), marked(0, 0, False), marked(0, 1, False)]),
        (("meets", "", "equal"), [equal(0), marked(0, 0, True)]),
        (("cannot say", "cannot say", "equal"), [equal(0)]),
        (("", "", "equal"), [equal(0)]),
        (("meets", "meets", "not equal"), [marked(0, 0, True), marked(0, 1, True)]),
        (("meets", "meets", "cannot say"), [marked(0, 0, True), marked(0, 1, True)]),
        (("cannot say", "does not", ""), [marked(0, 1, False)]),
        (("cannot say", "", "cannot say"), []),
    ],
)
def test_what_marks_become(words, expected):
    assert list(made_of([filled(ITEMS[0], *words)])) == expected


def test_equal_answers_meet_both_or_neither():
    check_marks(filled(ITEMS[0], "meets", "does not", "not equal"))
    check_marks(filled(ITEMS[0], "meets", "", "equal"))
    with pytest.raises(UserError, match=r"sheet.csv, line 2: the answers are 'equal', but one"):
        check_marks(filled(ITEMS[0], "meets", "does not", "equal"))


def test_category_and_topic_come_along():
    row = item(1, "Alone.", category="medical", topic="teeth")
    (found,) = made_of([filled(row, "meets")])
    assert (found.category, found.topic) == ("medical", "teeth")


def test_nobody_can_say_where_two_differ():
    one = [filled(ITEMS[0], "meets", "meets", "equal"), filled(ITEMS[1], "meets", "cannot say")]
    other = [filled(ITEMS[0], "meets", "does not"), filled(ITEMS[1], "meets", "meets")]
    both = joined(one, other)
    # The second answers, and whether the first two are equal: one differs from the other there.
    assert both.disputed == 3
    assert list(exemplars_of(both)) == [marked(0, 0, True), marked(1, 0, True)]


def test_answers_that_stand_on_other_sides_are_the_same_answers():
    turned = item(0, *ITEMS[0].answers[::-1])
    both = joined([filled(ITEMS[0], "meets", "does not")], [filled(turned, "does not", "meets")])
    assert both.disputed == 0
    assert list(exemplars_of(both)) == [marked(0, 0, True), marked(0, 1, False)]


def test_a_pair_that_stands_the_other_way_round_is_the_same_pair():
    turned = item(0, *ITEMS[0].answers[::-1])
    both = joined([filled(ITEMS[0], "", "", "equal")], [filled(turned, "", "", "not equal")])
    assert both.disputed == 1
    assert exemplars_of(both) == ()


def test_agreement_is_a_share_and_kappa():
    words = ["meets", "meets", "meets", "does not", "does not", "does not"]
    others = ["meets", "meets", "does not", "does not", "does not", "cannot say"]
    one = [filled(row, word, "", "equal") for row, word in zip(ITEMS, words, strict=True)]
    other = [filled(row, word, "", "not equal") for row, word in zip(ITEMS, others, strict=True)]
    found, *_ = joined(one, other[:5], []).agreements
    assert (found.first, found.second, found.marks) == ("sheet 0", "sheet 1", 5)
    assert found.share == pytest.approx(4 / 5)
    # By hand: chance agrees on 3/5 · 2/5 + 2/5 · 3/5 = 0.48.
    assert found.kappa == pytest.approx((0.8 - 0.48) / (1 - 0.48))


def test_there_may_be_nothing_to_agree_on():
    same = [filled(row, "meets") for row in ITEMS]
    (found,) = joined(same, same).agreements
    assert (found.share, found.kappa) == (1.0, None)
    (found,) = joined(same, []).agreements
    assert (found.marks, found.share, found.kappa) == (0, None, None)


def merging(own, others, *words):
    both = joined([filled(ITEMS[0], *words)])
    return merge(exemplars_of(both), both, own, others)


def test_what_is_known_is_not_added_again():
    own = [marked(0, 0, True), marked(3, 0, True)]
    found = merging(own, [], "meets", "does not")
    assert found.exemplars == (*own, marked(0, 1, False))
    assert (found.added, found.known, found.revised) == ((marked(0, 1, False),), 1, 0)
    again = merging(found.exemplars, [], "meets", "does not")
    assert (again.exemplars, again.added, again.known) == (found.exemplars, (), 2)
    sides = {"better": ITEMS[0].answers[0], "worse": ITEMS[0].answers[1]}
    contrast = Contrast(prompt=ITEMS[0].prompt, **sides, better_meets=True, worse_meets=False)
    # Where the threshold lies, judges learn from answers marked by themselves alone.
    assert len(merging([], [contrast, equal(0, True)], "meets", "does not").added) == 2


def test_a_later_mark_takes_the_place_of_an_earlier_one():
    own = [marked(0, 0, True), marked(0, 1, False), marked(1, 0, True)]
    found = merging(own, [], "does not", "does not", "equal")
    assert found.exemplars == (
        marked(0, 1, False),
        marked(1, 0, True),
        equal(0),
        marked(0, 0, False),
    )
    assert found.revised == 1
    undone = merging(found.exemplars, [], "cannot say", "does not", "not equal")
    assert undone.exemplars == (marked(0, 1, False), marked(1, 0, True))
    assert undone.revised == 2
    assert merging([equal(0, True)], [], "does not").revised == 1


def test_what_somebody_wrote_beside_a_mark_stays():
    own = [marked(0, 0, True, topic="teeth"), marked(0, 1, True)]
    found = merging(own, [], "meets", "meets", "equal")
    assert found.exemplars == (*own, equal(0))
    assert (found.known, found.revised) == (2, 0)


def test_a_file_of_marks_holds_marks_alone(tmp_path):
    path = tmp_path / "marks.jsonl"
    assert read_exemplars(path) == ()
    own = (equal(0, True), equal(1), marked(2, 0, False, category="legal"))
    path.write_text(json_lines(own))
    assert read_exemplars(path) == own
    path.write_text(json_lines(own) + '{"prompt": "a", "better": "b", "worse": "c"}\n')
    with pytest.raises(UserError, match=r"marks.jsonl, line 4: unknown key 'better'"):
        read_exemplars(path)
