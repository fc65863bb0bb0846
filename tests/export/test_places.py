import json

import gguf
import pytest

from primum.errors import UserError
from primum.export.places import check_no_local_paths


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
