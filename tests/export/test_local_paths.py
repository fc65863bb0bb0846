import json

import gguf
import pytest

from primum.errors import UserError
from primum.export.local_paths import check_no_local_paths, local_paths, without_local_paths


@pytest.mark.parametrize(
    "text",
    [
        "/home/ann/models/llama",
        "model: /root/x",
        '{"a": "/mnt/disk/base"}',
        "function: judge:/home/ann/judge.py",
        "file:///home/ann/x",
        "~/models/base",
        "~ann/../x /Users/ann/m",
        r"C:\Users\ann\model",
        "(/tmp/run)",
    ],
)
def test_places_are_found(text):
    assert len(local_paths(text)) == 1
    assert local_paths(without_local_paths(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "https://arxiv.org/abs/2511.06222",
        "https://example.org/home/ann/x",
        "either/or/both, 5/6/7, /think and /no_think",
        "meta-llama/Llama-3.1-8B-Instruct",
        "../home/x",
        "</s> <br/> //comment",
    ],
)
def test_other_slashes_are_left_alone(text):
    assert local_paths(text) == []
    assert without_local_paths(text) == text


def test_the_file_is_named(tmp_path):
    (tmp_path / "tokenizer.json").write_text('{"vocab": {"/home/x": 1}}')
    check_no_local_paths(tmp_path, ["tokenizer.json"])
    (tmp_path / "config.json").write_text(json.dumps({"_name": "/home/ann/base"}))
    with pytest.raises(UserError, match=r"^config.json names /home/ann/base, .*mend config.json$"):
        check_no_local_paths(tmp_path, ["config.json"])


def test_a_gguf_file_is_read_too(tmp_path):
    writer = gguf.GGUFWriter(tmp_path / "m.gguf", "llama")
    writer.add_name("/home/ann/base")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(UserError, match=r"m\.gguf names /home/ann/base"):
        check_no_local_paths(tmp_path, ["m.gguf"])
