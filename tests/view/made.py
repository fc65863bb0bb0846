"""Made-up folders: runs that go on, are finished, stopped or failed, comparisons and audits."""

import json
import os
import platform
import time
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa

from primum.compare.layout import PAGE, PLAN, RESULTS
from primum.run.directory import open_run
from primum.run.executing.progress_file import RunProgress
from primum.run.layout import GATE, PAIRS, PROGRESS, REPORT
from primum.store.files import write_json, write_table
from primum.store.manifest import LAST_STAGE, StageRecord
from primum.store.schemas import PAIRS as PAIRS_SCHEMA
from tests.proof.folder import OBJECTIVES, write_gate

HOSTILE = "<img src=x onerror=alert(1)>\u202egnp<script>alert(2)</script>{{ 7*7 }}"
IDENTITY = {"model": "org/model", "constitution": "kind-useful", "recipe": "quickstart"}
STEPS = ("prompts", "synthesis", "pairs", "train", "evaluate", "report")
FACTS = {"objectives": list(OBJECTIVES), "scale": [1.0, 10.0]}


def make_run(path: Path, *stages: str, seconds: float = 60.0, **identity: str) -> Path:
    """A run of which these stages are finished."""
    with open_run(path, {**IDENTITY, **identity}) as run:
        for name in stages:
            facts = FACTS if name == "prompts" else {}
            run.record(name, StageRecord("inputs", {}, seconds, facts))
    return path


def make_finished(path: Path, text: str = "the report") -> Path:
    """A finished run with a verdict and a page, which is no real report."""
    make_run(path, *STEPS)
    gate = path.with_name(f"{path.name}-gate")
    gate.mkdir()
    write_gate(gate)
    os.replace(gate / GATE, path / GATE)
    for file in gate.iterdir():
        file.unlink()
    gate.rmdir()
    (path / REPORT).write_text(f"<!doctype html><title>r</title><p>{text}</p>")
    return path


def write_progress(run: Path, **changed: object) -> None:
    """How far a run is; by default it goes on in this process."""
    now = time.time()
    known = RunProgress(os.getpid(), platform.node(), now, now, STEPS, "synthesis")
    write_json(run / PROGRESS, {**asdict(known), **changed})


def write_pairs(run: Path, *prompts: str, chosen: str = "A kind answer.") -> None:
    """A pair for each of these prompts."""
    rows = [
        {
            "prompt": [{"role": "user", "content": prompt}],
            "chosen": [{"role": "assistant", "content": chosen}],
            "rejected": [{"role": "assistant", "content": "Go away."}],
            "chosen_scores": [7.25, 5.0],
            "rejected_scores": [3.0, 5.5],
            "gap": 4.25,
            "decided_by": OBJECTIVES[0],
            "prompt_id": f"p{number}",
        }
        for number, prompt in enumerate(prompts)
    ]
    write_table(run / PAIRS, pa.Table.from_pylist(rows, schema=PAIRS_SCHEMA))


def make_comparison(path: Path, *, written: bool = True) -> Path:
    """A comparison with one finished run, and one that was stopped."""
    path.mkdir(parents=True)
    methods = [{"name": name, "reference": name, "settings": {}} for name in ("spa", "dpo")]
    plan = {
        "model": "org/model",
        "model_fingerprint": "f",
        "constitution": "kind-useful",
        "constitution_fingerprint": "c",
        "recipe": None,
        "methods": methods,
        "seeds": [0],
        "prompts": "p",
        "heldout": "h",
        "format": 1,
    }
    (path / PLAN).write_text(json.dumps(plan))
    if written:
        (path / RESULTS).write_text("{}")
        (path / PAGE).write_text("<!doctype html><title>c</title><p>the comparison</p>")
    make_finished(path / "runs" / "spa" / "0")
    make_run(path / "runs" / "dpo" / "0", "prompts")
    # The lock names this process, which goes on; a made-up run does not.
    (path / "runs" / "dpo" / "0" / ".lock").write_text("")
    return path


def finish(run: Path) -> None:
    """Records the last stage."""
    with open_run(run, IDENTITY) as opened:
        opened.record(LAST_STAGE, StageRecord("inputs", {}, 1.0, {}))
    (run / PROGRESS).unlink(missing_ok=True)
    (run / REPORT).write_text("<!doctype html><title>r</title><p>the report</p>")
