"""The blind sheet: a random sample, sides that nothing betrays, a seed that stays in the run."""

import json

import numpy as np
import pytest

from primum.errors import UserError
from primum.proof.labels.draw import PAGE, SAVED, SHEET, draw_labels
from primum.proof.labels.kept import kept_sheets
from primum.proof.labels.questions import questions_of
from primum.proof.labels.sample import EMPTY, draw_prompts
from primum.sheets.reading import read_sheet
from primum.store.files import write_table
from tests.browser import chromium, needs_browser, opened
from tests.evaluation.tables import answers_of
from tests.proof.labels.finished import OBJECTIVES, answers, files_of_run


def sides(rows):
    return [row.item.answers[0].startswith("New") for row in rows]


def test_a_sheet_holds_a_sample_in_random_order_and_on_random_sides(tmp_path):
    run = files_of_run(tmp_path / "run", count=200)
    drawn = draw_labels(run, count=100, out=tmp_path / "sheet", seed=4)
    rows = read_sheet(tmp_path / "sheet" / SHEET, questions_of(OBJECTIVES))
    assert (drawn.prompts, drawn.rows, drawn.total) == (100, 100, 200)
    assert 30 < sum(sides(rows)) < 70
    numbers = [int(row.item.prompt.split()[1].rstrip("?")) for row in rows]
    assert len(set(numbers)) == 100
    assert abs(np.corrcoef(numbers, range(100))[0, 1]) < 0.3
    assert 70 < np.mean(numbers) < 130
    # Neither the order of the rows nor that of the ids goes with the sides.
    ids = [row.item.item_id for row in rows]
    by_id = [side for _, side in sorted(zip(ids, sides(rows), strict=True))]
    for order in (sides(rows), by_id):
        assert abs(np.corrcoef(order, range(100))[0, 1]) < 0.3
    assert "new" not in drawn.summary.split("Which side")[0].lower()


def test_nothing_in_the_folder_tells_the_sides_apart(tmp_path):
    run = files_of_run(tmp_path / "secret-run")
    texts = [f"Words {at}." for at in range(40)]
    same_shape = answers_of({"before": texts, "after": [f"{text} More" for text in texts]})
    write_table(run / "answers.parquet", same_shape)
    draw_labels(run, count=40, out=tmp_path / "sheet", seed=1234567)
    assert sorted(path.name for path in (tmp_path / "sheet").iterdir()) == [SHEET, PAGE]
    for name in (SHEET, PAGE):
        content = (tmp_path / "sheet" / name).read_text(encoding="utf-8-sig").lower()
        for word in ("before", "after", "secret", "1234567", "examiner", "p0", "teacher"):
            if name == SHEET or word not in ("before", "after"):
                assert word not in content, (name, word)
    data = (tmp_path / "sheet" / PAGE).read_text().split('id="data">')[1].split("</script>")[0]
    assert {key for row in json.loads(data)["rows"] for key in row} == {
        *("id", "objective", "prompt", "answer_1", "answer_2", "category", "topic"),
        *("better: kind", "better: useful"),
    }


def test_sides_and_sample_are_those_of_a_seed_that_nobody_can_guess(tmp_path):
    run = files_of_run(tmp_path / "run")
    for name in "ab":
        draw_labels(run, count=20, out=tmp_path / name)
    first, second = kept_sheets(run)
    assert first.seed != second.seed
    assert min(first.seed, second.seed) > 2**40
    assert first.items != second.items
    again = draw_prompts(answers(), OBJECTIVES, count=20, seed=first.seed)
    assert tuple(one.item.item_id for one in again) == first.items


def test_more_prompts_of_a_seed_are_those_and_others():
    few, many = (
        {one.prompt_id for one in draw_prompts(answers(), OBJECTIVES, count=count, seed=3)}
        for count in (10, 30)
    )
    assert few < many


def test_the_sample_is_random():
    counts = np.zeros(40)
    for seed in range(400):
        for one in draw_prompts(answers(), OBJECTIVES, count=10, seed=seed):
            counts[int(one.prompt_id[1:])] += 1
    # 100 of 400 are expected of each, with a standard deviation of 8.7.
    assert counts.min() > 65
    assert counts.max() < 135


def test_the_same_answer_twice_is_asked_of_nobody_and_counts_as_drawn(tmp_path):
    run = files_of_run(tmp_path / "run", alike=15)
    drawn = draw_labels(run, count=40, out=tmp_path / "sheet")
    assert (drawn.prompts, drawn.rows) == (40, 25)
    assert "15 prompts got the same answer twice" in drawn.summary


def test_an_answer_without_words_can_be_compared():
    table = answers_of({"before": ["x"] * 12, "after": ["  "] * 12})
    one = draw_prompts(table, OBJECTIVES, count=1, seed=0)[0]
    assert set(one.item.answers) == {"x", EMPTY}


def test_a_sheet_that_is_there_is_left_alone(tmp_path):
    run = files_of_run(tmp_path / "run")
    draw_labels(run, out=tmp_path / "sheet")
    content = (tmp_path / "sheet" / SHEET).read_bytes()
    with pytest.raises(UserError, match="holds a sheet already"):
        draw_labels(run, out=tmp_path / "sheet")
    assert (tmp_path / "sheet" / SHEET).read_bytes() == content


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"count": 5}, "the gate needs 10"),
        ({"count": 40, "alike": 40}, "gave the same answers"),
    ],
)
def test_what_can_show_nothing_is_refused(tmp_path, given, sentence):
    run = files_of_run(tmp_path / "run", alike=given.pop("alike", 0))
    with pytest.raises(UserError, match=sentence):
        draw_labels(run, out=tmp_path / "sheet", **given)
    assert not (tmp_path / "sheet").exists()
    assert kept_sheets(run) == ()


@needs_browser
def test_the_page_is_filled_in_by_keys_and_saved(tmp_path):
    run = files_of_run(tmp_path / "run")
    draw_labels(run, count=12, out=tmp_path / "sheet")
    sheet = (tmp_path / "sheet" / PAGE).as_uri()
    with chromium() as browser, opened(browser, sheet) as tab:
        for key in ("1", "2", "s", "c"):
            tab.page.keyboard.press(key)
        assert tab.page.locator("#count").inner_text() == "2 of 12 prompts marked"
        with tab.page.expect_download() as download:
            tab.page.locator("#save").click()
        download.value.save_as(tmp_path / SAVED)
        assert tab.complaints == []
    rows = read_sheet(tmp_path / SAVED, questions_of(OBJECTIVES))
    assert [list(row.marks.values()) for row in rows[:3]] == [
        ["first", "second"],
        ["the same", "cannot say"],
        [],
    ]
