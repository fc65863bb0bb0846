"""W&B, offline, and trackio, on this machine: the real packages, where they are installed."""

import sqlite3

import pytest

from primum import UserError
from tests.run.tracking.looking import cut_and_resumed, start

SENT = ("train/loss", "stages/train/seconds", "gate/verdict", "cost/calls", "training.loss")


def test_wandb_keeps_one_run_through_an_interruption(tmp_path, monkeypatch):
    pytest.importorskip("wandb", reason="needs W&B (make test-tracking)")
    monkeypatch.setenv("WANDB_MODE", "offline")
    cut_and_resumed(tmp_path, "wandb")
    kept = sorted((tmp_path / "run" / "wandb").glob("offline-run-*/*.wandb"))
    assert len(kept) == 2
    assert len({file.name for file in kept}) == 1
    content = b"".join(file.read_bytes() for file in kept)
    for name in SENT:
        assert name.encode() in content, name
    for private in (str(tmp_path), "You are", "sounds-dangerous?"):
        assert private.encode() not in content, private
    assert b"stages/synthesis/seconds" not in kept[1].read_bytes()


def test_wandb_without_a_key_is_refused_before_any_work(tmp_path, monkeypatch):
    wandb = pytest.importorskip("wandb", reason="needs W&B (make test-tracking)")
    # It keeps the mode and the key that it found first.
    wandb.teardown()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    monkeypatch.delenv("WANDB_MODE", raising=False)
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    with pytest.raises(UserError, match="cannot be used: No API key configured; run wandb login"):
        start(tmp_path, "wandb")
    assert not (tmp_path / "run" / "prompts.parquet").exists()


def test_trackio_keeps_one_run_through_an_interruption(tmp_path, monkeypatch):
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "trackio"))
    pytest.importorskip("trackio", reason="needs trackio (make test-tracking)")
    cut_and_resumed(tmp_path, "trackio")
    with sqlite3.connect(tmp_path / "trackio" / "primum.db") as kept:
        rows = kept.execute("SELECT run_name, step, metrics FROM metrics").fetchall()
        configs = kept.execute("SELECT config FROM configs").fetchall()
    assert len({name for name, _, _ in rows}) == 1
    assert len({step for _, step, _ in rows}) == len(rows)
    assert len(configs) == 1
