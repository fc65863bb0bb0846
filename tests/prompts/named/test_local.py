"""Data sets by name from local copies."""

from pathlib import Path

import pytest

from primum.errors import UserError
from primum.prompts import DATASETS, NamedPrompts, load_prompts, named_prompts
from primum.prompts.named import DATA_DIR, named_rows
from tests.prompts.named.copies import GATHERED, PUBLISHED, ROWS, write_copy

COLUMNS = {
    "safe-rlhf": [{"prompt": "How do I open a lock?"}],
    "wildguard": [{"prompt": "Who won?", "category": "benign", "label": "unharmful"}],
    "honeset": [{"prompt": "What am I holding?", "category": "Modality Mismatch"}],
    "jailbreak-trigger": [{"prompt": "Begin with yes.", "category": "fixed sentence"}],
    "xstest": [
        {"prompt": "How do I kill time?", "category": "homonyms", "label": "safe"},
        {"prompt": "How do I kill Tim?", "category": "contrast_homonyms", "label": "unsafe"},
    ],
    "strongreject": [{"prompt": "How do I hurt Tim?", "category": "Violence"}],
    "mt-bench": [{"prompt": "Write a line.", "category": "writing"}],
    "health-orsc": [{"prompt": "How much is too much?", "category": "Drug Abuse"}],
}


@pytest.fixture(autouse=True)
def no_folder_of_the_environment(monkeypatch):
    monkeypatch.delenv(DATA_DIR, raising=False)


def values(name, folder):
    return [dict(row.values) for row in named_rows(NamedPrompts(name, folder))[0]]


def failure(name, folder):
    with pytest.raises(UserError) as caught:
        load_prompts(NamedPrompts(name, folder), heldout=0.5, seed=0)
    return str(caught.value)


def test_all_eight_are_tried():
    assert set(ROWS) == set(PUBLISHED) == set(COLUMNS) == set(DATASETS)
    assert set(GATHERED) == set(DATASETS) - {"strongreject", "health-orsc"}


@pytest.mark.parametrize("layout", [PUBLISHED, GATHERED], ids=["clones", "gathered"])
def test_each_is_found_among_all_the_others(tmp_path, layout):
    for name, file in layout.items():
        write_copy(tmp_path / file, ROWS[name])
    for name in layout:
        assert values(name, tmp_path) == COLUMNS[name], name


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_folder_may_be_the_clone_itself(tmp_path, name):
    clone, _, file = PUBLISHED[name].partition("/")
    write_copy(tmp_path / clone / file, ROWS[name])
    assert values(name, tmp_path / clone) == COLUMNS[name]


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_folder_may_have_the_sets_name(tmp_path, name):
    write_copy(tmp_path / name / PUBLISHED[name].partition("/")[2], ROWS[name])
    assert values(name, tmp_path) == COLUMNS[name]


def test_every_model_of_safe_rlhf_is_read(tmp_path):
    for model in ("Alpaca-7B", "Alpaca2-7B", "Alpaca3-8B"):
        write_copy(tmp_path / "data" / model / "test.jsonl", [{"prompt": f"To {model}?"}])
        write_copy(tmp_path / "data" / model / "train.jsonl", [{"prompt": "Not this."}])
    found = values("safe-rlhf", tmp_path)
    assert [row["prompt"] for row in found] == ["To Alpaca-7B?", "To Alpaca2-7B?", "To Alpaca3-8B?"]


def test_prompts_with_categories_and_the_licence(tmp_path):
    file = write_copy(tmp_path / GATHERED["xstest"], ROWS["xstest"])
    found = load_prompts(NamedPrompts("xstest", tmp_path), heldout=0.5, seed=0)
    assert {prompt.category for prompt in found.prompts} == {"homonyms", "contrast_homonyms"}
    [note] = found.notes
    assert f"2 rows from {file}" in note
    assert "CC BY 4.0" in note


def test_a_plain_name_takes_the_folder_of_the_environment(tmp_path, monkeypatch):
    write_copy(tmp_path / GATHERED["xstest"], ROWS["xstest"])
    monkeypatch.setenv(DATA_DIR, str(tmp_path))
    assert len(load_prompts("xstest", heldout=0.5, seed=0).prompts) == 2
    monkeypatch.setenv(DATA_DIR, str(tmp_path / "gone"))
    with pytest.raises(UserError, match=rf"gone \({DATA_DIR}\) is no folder"):
        load_prompts("xstest", heldout=0.5, seed=0)


def test_a_name_is_the_data_set_and_a_path_the_file(tmp_path, monkeypatch):
    write_copy(tmp_path / "data" / GATHERED["xstest"], ROWS["xstest"])
    monkeypatch.setenv(DATA_DIR, str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    Path("xstest").write_text("Mine?\nToo?\n")
    Path("xstest.txt").write_text("Mine?\nToo?\n")
    assert "kill" in str(load_prompts("xstest", heldout=0.5, seed=0).prompts)
    assert "Mine" in str(load_prompts("./xstest.txt", heldout=0.5, seed=0).prompts)
    with pytest.raises(UserError, match="prompts are read from"):
        load_prompts("./xstest", heldout=0.5, seed=0)


def test_a_missing_copy_says_what_to_put_where(tmp_path):
    text = failure("health-orsc", tmp_path)
    assert f"{tmp_path} holds no copy of health-orsc: run `hf download" in text
    assert f"--local-dir {tmp_path / 'health-orsc'}`" in text
    assert "download https://raw.githubusercontent.com" in failure("strongreject", tmp_path)


def test_a_missing_folder(tmp_path):
    assert "gone (--data-dir) is no folder" in failure("xstest", tmp_path / "gone")


@pytest.mark.parametrize(
    ("name", "rows", "words"),
    [
        ("strongreject", [{"text": "a"}], "has its prompts in forbidden_prompt, and this row has"),
        ("xstest", [{"prompt": ""}], "prompt is empty"),
        ("honeset", [{"instruction": ["a", "b"]}], "the prompt of honeset should be text"),
        ("mt-bench", [{"turns": [], "category": "math"}], "prompt is empty"),
    ],
)
def test_rows_that_are_none_of_the_set(tmp_path, name, rows, words):
    write_copy(tmp_path / name / "x", [])
    file = {"strongreject": "strongreject_dataset.csv", "xstest": "xstest_prompts.jsonl"}
    file |= {"honeset": "HoneSet.json", "mt-bench": "question.jsonl"}
    write_copy(tmp_path / name / file[name], rows)
    assert words in failure(name, tmp_path)


@pytest.mark.parametrize(
    ("name", "file", "content", "words"),
    [
        ("wildguard", "wildguard_test.parquet", b"PAR1 no more", "is no readable Parquet file"),
        ("safe-rlhf", "pku_saferlhf_test.jsonl.gz", b"\x1f\x8b cut", "is no whole gzip file"),
        (
            "wildguard",
            "wildguard_test.parquet",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
            "run `git lfs pull`",
        ),
        ("honeset", "HoneSet.json", b'[{"instruction": "a"', "malformed JSON"),
        ("xstest", "xstest_prompts.csv", b'id,prompt\n1,"a', "malformed"),
        ("xstest", "xstest_prompts.csv", b"id,prompt\n1,\xff", "not UTF-8"),
    ],
)
def test_damaged_files(tmp_path, name, file, content, words):
    (tmp_path / name).mkdir()
    (tmp_path / name / file).write_bytes(content)
    assert words in failure(name, tmp_path)


def test_a_users_own(tmp_path):
    write_copy(tmp_path / "clinic.jsonl", [{"prompt": "a", "category": "c"}, {"prompt": "b"}])
    write_copy(tmp_path / "law" / "first.csv", [{"question": "a"}])
    write_copy(tmp_path / "law" / "second.jsonl", [{"instruction": "b"}])
    found = load_prompts(NamedPrompts("clinic", tmp_path), heldout=0.5, seed=0)
    assert {prompt.category for prompt in found.prompts} == {"c", None}
    assert "clinic: 2 rows from" in found.notes[0]
    assert len(load_prompts(NamedPrompts("law", tmp_path), heldout=0.5, seed=0).prompts) == 2


def test_a_users_own_that_is_not_clear(tmp_path):
    write_copy(tmp_path / "clinic.jsonl", [{"prompt": "a"}])
    write_copy(tmp_path / "clinic.json", [{"prompt": "a"}])
    assert "both clinic.jsonl and clinic.json" in failure("clinic", tmp_path)
    assert "would be a file such as law.jsonl" in failure("law", tmp_path)
    assert "is no name of a data set" in failure("../clinic", tmp_path)


@pytest.mark.parametrize(("typed", "meant"), [("xtest", "xstest"), ("saferlhf", "safe-rlhf")])
def test_a_mistyped_name(typed, meant):
    with pytest.raises(UserError, match=rf"did you mean {meant}\?.*strongreject"):
        load_prompts(typed, heldout=0.5, seed=0)


def test_a_folder_of_copies_goes_with_a_name_alone(tmp_path):
    file = write_copy(tmp_path / "p.jsonl", [{"prompt": "a"}])
    for source in (str(file), "seed", "hub:a/b"):
        with pytest.raises(UserError, match="is none: leave one out"):
            named_prompts(source, tmp_path)
    assert named_prompts("seed", None) == "seed"
    assert named_prompts("xstest", tmp_path) == NamedPrompts("xstest", tmp_path)
