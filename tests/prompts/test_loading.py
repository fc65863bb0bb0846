"""Prompts from every kind of source, and a sentence for every kind of mistake."""

import csv
import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from primum.errors import UserError
from primum.messages import Message
from primum.prompts import load_prompts, prompt_id

TEXTS = ["How are you?", "Was ist das,\n„genau“?", "third\u2028line"]
CHAT = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello."},
    {"role": "user", "content": "Why?"},
]


def rows_of(texts):
    splits = ["train", "heldout", "train"]
    return [
        {"prompt": text, "split": split, "category": "c"}
        for text, split in zip(texts, splits, strict=True)
    ]


def load(source, heldout=0.5, seed=0):
    return load_prompts(source, heldout=heldout, seed=seed)


def failure(source, **options):
    with pytest.raises(UserError) as caught:
        load(source, **options)
    return str(caught.value)


@pytest.fixture
def lines(tmp_path):
    def write(*rows, name="p.jsonl"):
        file = tmp_path / name
        text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
        file.write_text(text, encoding="utf-8")
        return file

    return write


def write_jsonl(file):
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows_of(TEXTS))
    file.write_text(text, encoding="utf-8")


def write_gzip(file):
    text = "\n".join(json.dumps(row) for row in rows_of(TEXTS))
    file.write_bytes(gzip.compress(text.encode()))


def write_json(file):
    file.write_text(json.dumps(rows_of(TEXTS)), encoding="utf-8")


def write_table(file, **style):
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, ["category", "prompt", "split"], **style)
        writer.writeheader()
        writer.writerows(rows_of(TEXTS))


def write_tsv(file):
    write_table(file, delimiter="\t")


def write_parquet(file):
    pq.write_table(pa.Table.from_pylist(rows_of(TEXTS)), file)


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("p.jsonl", write_jsonl),
        ("P.JSONL", write_jsonl),
        ("p.jsonl.gz", write_gzip),
        ("p.json", write_json),
        ("p.csv", write_table),
        ("p.tsv", write_tsv),
        ("p.parquet", write_parquet),
    ],
)
def test_the_same_prompts_from_every_kind_of_file(tmp_path, name, write):
    file = tmp_path / name
    write(file)
    found = load(file)
    assert [prompt.messages for prompt in found.prompts] == [(Message("user", t),) for t in TEXTS]
    assert [prompt.split for prompt in found.prompts] == ["train", "heldout", "train"]
    assert {prompt.category for prompt in found.prompts} == {"c"}
    assert found.duplicates == 0
    assert load(str(file)) == found


def test_text_file_has_a_prompt_per_line(tmp_path):
    file = tmp_path / "p.txt"
    file.write_text("\n".join(f"  Question {n}?\n" for n in range(20)), encoding="utf-8")
    found = load(file)
    assert found.prompts[3].messages == (Message("user", "Question 3?"),)
    assert len(found.prompts) == 20
    assert found.prompts[0].category is None


def test_chat_messages(lines, tmp_path):
    rows = [{"prompt": CHAT, "split": "train"}, {"messages": CHAT, "split": "heldout"}]
    rows[1]["messages"] = [{"role": "user", "content": "Other"}, CHAT[2]]
    found = load(lines(*rows)).prompts
    assert found[0].messages == tuple(Message(m["role"], m["content"]) for m in CHAT)
    assert found[1].messages == (Message("user", "Other"),)
    pq.write_table(
        pa.Table.from_pylist([{"prompt": CHAT, "split": "train"}]), tmp_path / "p.parquet"
    )
    assert "there is only one prompt" in failure(tmp_path / "p.parquet")


def test_other_columns_by_name(lines):
    found = load(
        lines(
            {"instruction": "Sum up.", "input": "A text.", "split": "train"},
            {"instruction": "Say hi.", "input": "", "split": "train"},
            {"question": "Why?", "split": "heldout"},
            {"prompt": None, "question": "How?"},
        )
    )
    texts = [prompt.messages[0].content for prompt in found.prompts]
    assert texts == ["Sum up.\n\nA text.", "Say hi.", "Why?", "How?"]


def test_builtin_prompts():
    found = load("seed")
    assert len(found.prompts) >= 240


def test_prompt_id_depends_on_roles_and_boundaries():
    conversations = [
        [Message("user", "ab")],
        [Message("system", "ab")],
        [Message("user", "a"), Message("user", "b")],
        [Message("user", "a\x00b")],
    ]
    ids = [prompt_id(turns) for turns in conversations]
    assert len(set(ids)) == 4
    assert ids[0] == prompt_id([Message("user", "ab")])
    assert all(len(found) == 16 and int(found, 16) >= 0 for found in ids)


def test_identical_prompts_are_kept_once_and_counted(lines):
    train, held = {"prompt": "a", "split": "train"}, {"prompt": "b", "split": "heldout"}
    found = load(lines(train, held, train, {"prompt": "b"}, train))
    assert [prompt.messages[0].content for prompt in found.prompts] == ["a", "b"]
    assert found.duplicates == 3


def test_unnamed_duplicate_follows_the_named_one(lines):
    found = load(lines({"prompt": "a"}, {"prompt": "a", "split": "heldout"}, *rows_of(TEXTS)))
    assert found.prompts[0].split == "heldout"
    assert found.duplicates == 1


def test_same_prompt_in_both_splits(lines):
    text = failure(
        lines({"prompt": "a", "split": "train"}, "", {"prompt": "a", "split": "heldout"})
    )
    assert "p.jsonl, line 3: the same prompt is heldout here and train in" in text
    assert "p.jsonl, line 1" in text


def test_no_such_file(tmp_path):
    assert "no such file" in failure(tmp_path / "gone.jsonl")
    assert "'seed' for the built-in ones" in failure("sead")


def test_folder(tmp_path):
    folder = tmp_path / "p.jsonl"
    folder.mkdir()
    assert "is a folder" in failure(folder)


def test_unknown_suffix(tmp_path):
    file = tmp_path / "p.xlsx"
    file.write_bytes(b"x")
    text = failure(file)
    assert "p.xlsx is a spreadsheet" in text
    assert ".jsonl.gz" in text


@pytest.mark.parametrize("name", ["p.jsonl", "p.json", "p.csv", "p.tsv", "p.txt"])
@pytest.mark.parametrize("content", ["", "\n \n"])
def test_empty_file(tmp_path, name, content):
    file = tmp_path / name
    file.write_text(content)
    assert "holds no prompts" in failure(file)


def test_empty_tables(tmp_path):
    (tmp_path / "p.csv").write_text("prompt,split\n")
    assert "holds no prompts" in failure(tmp_path / "p.csv")
    pq.write_table(pa.table({"prompt": pa.array([], pa.string())}), tmp_path / "p.parquet")
    assert "holds no prompts" in failure(tmp_path / "p.parquet")
    (tmp_path / "p.jsonl.gz").write_bytes(gzip.compress(b""))
    assert "holds no prompts" in failure(tmp_path / "p.jsonl.gz")


def test_malformed_json_names_the_line(lines, tmp_path):
    assert "p.jsonl, line 3: malformed JSON" in failure(lines({"prompt": "a"}, "", '{"prompt": '))
    file = tmp_path / "p.json"
    file.write_text('[\n{"prompt": "a"},\n{"prompt" "b"}]')
    assert "p.json, line 3: malformed JSON" in failure(file)


def test_json_that_is_no_list_of_rows(lines, tmp_path):
    file = tmp_path / "p.json"
    file.write_text('{"data": []}')
    assert "holds one list of rows" in failure(file)
    assert "line 2: a row is a JSON object" in failure(lines({"prompt": "a"}, '"b"'))


@pytest.mark.parametrize("name", ["p.jsonl", "p.csv", "p.txt"])
def test_not_utf8(tmp_path, name):
    file = tmp_path / name
    file.write_bytes(b'prompt\n{"prompt": "na\xefve"}\n')
    assert f"{name}, line 2: not UTF-8" in failure(file)


def test_damaged_archives(tmp_path):
    whole = gzip.compress(b'{"prompt": "a"}\n' * 50)
    file = tmp_path / "p.jsonl.gz"
    for content in (b"plain text", whole[:-12], whole[:15] + b"\xff" * 8 + whole[23:]):
        file.write_bytes(content)
        assert "is no whole gzip file" in failure(file)
    file = tmp_path / "p.parquet"
    file.write_bytes(b"PAR1 not really")
    assert "is no readable Parquet file" in failure(file)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({}, "the row has no prompt"),
        ({"text": "a", "label": 1}, "and has text, label"),
        ({"prompt": None}, "the row has no prompt"),
        ({"prompt": ""}, "prompt is empty"),
        ({"prompt": " \n"}, "prompt is empty"),
        ({"prompt": 7}, "prompt should be text or a list of chat messages, and is a number"),
        ({"prompt": []}, "prompt holds no message"),
        ({"messages": "hi"}, "messages should be a list of chat messages, and is text"),
        ({"messages": [CHAT[2]]}, "messages holds no message"),
        ({"question": ["a"]}, "question should be text, and is a list"),
        ({"prompt": ["hi"]}, "prompt[0] should have role and content, and is text"),
        ({"prompt": [{"content": "a"}]}, "prompt[0] has the role None"),
        ({"prompt": [{"role": "teacher", "content": "a"}]}, "prompt[0] has the role 'teacher'"),
        ({"prompt": [{"role": ["user"], "content": "a"}]}, "prompt[0] has the role ['user']"),
        ({"prompt": [{"role": "user"}]}, "prompt[0].content should be text, and is missing"),
        ({"prompt": [{"role": "user", "content": 7}]}, "prompt[0].content should be text"),
        ({"prompt": [{"role": "user", "content": " "}]}, "prompt[0].content is empty"),
        ({"prompt": CHAT[:3]}, "prompt ends with a turn of the assistant"),
        ({"prompt": CHAT[:1]}, "prompt ends with a turn of the system"),
        ({"prompt": [CHAT[1], CHAT[0], CHAT[3]]}, "prompt[1] is a system message"),
        ({"prompt": "a", "split": "test"}, "the split is 'test'"),
        ({"prompt": "a", "split": ["train"]}, "the split is ['train']"),
        ({"prompt": "a", "category": ["x"]}, "category should be text, and is a list"),
    ],
)
def test_rows_that_are_wrong_are_named(lines, row, problem):
    text = failure(lines({"prompt": "fine"}, row))
    assert "p.jsonl, line 2: " in text
    assert problem in text


def test_half_a_character_is_refused(lines):
    assert "line 1: an escape" in failure(lines('{"prompt": "a\\ud800"}'))


def test_tables_that_are_wrong(tmp_path):
    file = tmp_path / "p.csv"
    for content, problem in [
        ("text\nhello\n", "line 2: the row has no prompt"),
        ("prompt,split\nHi, you,train\n", "line 2: more cells (3) than the header names (2)"),
        ('prompt\n"open\n', "malformed"),
        ("prompt,split\n,train\n", "line 2: prompt is empty"),
        ("prompt,split\nHi\n", "line 2: fewer cells (1) than the header names (2)"),
        ('prompt,split\n"a\nb",train\nHi\n', "line 4: fewer cells"),
        ('prompt\nfine\n"a\nb",c\n', "line 3: more cells"),
        ('prompt\nfine\n"a\nopen\n', "line 3: malformed"),
        ("prompt,category, prompt\na,b,c\n", "line 1: the column 'prompt' stands there 2 times"),
    ]:
        file.write_text(content)
        assert problem in failure(file)


@pytest.mark.parametrize(("named", "lost"), [("train", "heldout"), ("heldout", "train")])
def test_a_split_without_prompts(lines, named, lost):
    rows = [{"prompt": str(n), "split": named} for n in range(5)]
    assert f"none of the 5 prompts is in the split '{lost}'" in failure(lines(*rows))
