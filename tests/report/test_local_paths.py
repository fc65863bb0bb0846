import pytest

from primum.report.drawing.local_paths import local_paths, without_local_paths


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
