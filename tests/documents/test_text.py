"""Files as text: every way in which one can be unreadable has a sentence."""

import pytest

from primum.documents import decode, parse_json, parse_json_lines, read_text
from primum.errors import UserError


def test_byte_order_mark_and_line_endings():
    assert decode("\ufeffa\r\nb\rc\n".encode(), "f") == "a\nb\nc\n"


def test_not_utf8_names_the_line(tmp_path):
    file = tmp_path / "f.txt"
    file.write_bytes(b"one\ntwo\nna\xefve\n")
    with pytest.raises(UserError, match=r"f\.txt, line 3: not UTF-8"):
        read_text(file)


def test_no_such_file(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        read_text(tmp_path / "gone.txt")


def test_folder(tmp_path):
    with pytest.raises(UserError, match="is a folder"):
        read_text(tmp_path)


def test_null_in_path(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        read_text(tmp_path / "a\0b")


def test_json_lines_skip_blanks_and_keep_separators_inside_strings():
    text = '{"a": "x\u2028y"}\n\n  \n[1]\n'
    assert list(parse_json_lines(text, "f")) == [(1, {"a": "x\u2028y"}), (4, [1])]


@pytest.mark.parametrize(
    "bad", ["{", '{"a": }', "nope", "[" * 100_000, "1" * 5000, '"\\ud800"', '{"\\udfff": 1}']
)
def test_malformed_json_names_the_line(bad):
    with pytest.raises(UserError, match=r"f\.jsonl, line 2: "):
        list(parse_json_lines(f"[1]\n{bad}\n", "f.jsonl"))


def test_malformed_json_inside_a_longer_text():
    with pytest.raises(UserError, match=r"f\.json, line 3: malformed JSON"):
        parse_json('[\n1,\n"a" 2\n]', "f.json")


def test_escaped_pair_is_one_character():
    assert parse_json('"\\ud83d\\ude00"', "f") == "\U0001f600"


def test_a_key_that_stands_twice_is_refused():
    with pytest.raises(UserError, match=r"f, line 2: .*the key 'prompt' stands twice"):
        list(parse_json_lines('{"a": 1}\n{"prompt": "a", "b": {}, "prompt": "c"}', "f"))


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_named(coding):
    with pytest.raises(UserError, match=r"UTF-16 text.*UTF-8"):
        decode("prompt\nHi\n".encode(coding), "f")


def test_a_null_character_is_named():
    with pytest.raises(UserError, match="f, line 2: a null character"):
        decode(b"prompt\nH\0i\n", "f")
