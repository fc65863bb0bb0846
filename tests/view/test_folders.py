"""What is found below a folder, and what is not."""

import pytest

from primum.errors import UserError
from primum.view import folders
from primum.view.folders import find, held
from tests.view.made import make_comparison, make_run


def kinds(root):
    return {found.place: found.kind for found in find(root).found}


def test_everything_that_a_folder_holds(tmp_path):
    make_run(tmp_path / "first")
    make_run(tmp_path / "first" / "earlier" / "1")
    make_comparison(tmp_path / "deep" / "methods")
    for place, files in (
        ("audits/clinic", ["audit.json"]),
        ("proofs/gate", ["evaluation.json"]),
        ("proofs/models", ["scores.json", "duels.parquet"]),
        ("proofs/other", ["scores.json"]),
    ):
        (tmp_path / place).mkdir(parents=True)
        for name in files:
            (tmp_path / place / name).write_text("{}")
    assert kinds(tmp_path) == {
        "first": "run",
        "first/earlier/1": "run",
        "deep/methods": "comparison",
        "deep/methods/runs/spa/0": "run",
        "deep/methods/runs/dpo/0": "run",
        "audits/clinic": "audit",
        "proofs/gate": "gate",
        "proofs/models": "evaluation",
    }
    assert kinds(tmp_path / "first") == {".": "run", "earlier/1": "run"}


def test_links_and_hidden_folders_are_left(tmp_path):
    outside = make_run(tmp_path / "outside")
    root = tmp_path / "root"
    make_run(root / "true")
    make_run(root / ".hidden")
    (root / "link").symlink_to(outside)
    (root / "loop").symlink_to(root)
    (root / "borrowed").mkdir()
    (root / "borrowed" / "manifest.json").symlink_to(outside / "manifest.json")
    assert kinds(root) == {"true": "run"}


def test_no_deeper_than_a_bound_and_not_into_what_a_run_holds(tmp_path, monkeypatch):
    make_run(tmp_path / "run")
    make_run(tmp_path / "run" / "model" / "copy")
    monkeypatch.setattr(folders, "DEPTH", 2)
    make_run(tmp_path / "a" / "b")
    make_run(tmp_path / "a" / "c" / "d")
    assert set(kinds(tmp_path)) == {"run", "a/b"}


def test_so_many_folders_and_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "FOLDERS", 3)
    for name in ("a", "b"):
        make_run(tmp_path / name)
    assert find(tmp_path).whole
    make_run(tmp_path / "c")
    found = find(tmp_path)
    assert not found.whole
    assert [each.place for each in found.found] == ["a", "b"]


def test_ids_stay_and_are_no_paths(tmp_path):
    make_run(tmp_path / "a b?#%2e")
    [one], [other] = find(tmp_path).found, find(tmp_path).found
    assert one.id == other.id
    assert len(one.id) == 16
    assert set(one.id) <= set("0123456789abcdef")


def test_what_is_no_folder(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    for path in (file, tmp_path / "absent"):
        with pytest.raises(UserError, match="is no folder; name one"):
            find(path)


def test_a_file_and_no_link_to_one(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    (tmp_path / "folder").mkdir()
    assert held(tmp_path, "file") == tmp_path / "file"
    assert [held(tmp_path, name) for name in ("link", "folder", "absent")] == [None] * 3
