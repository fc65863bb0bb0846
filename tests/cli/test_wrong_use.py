"""What people get wrong: every command, one sentence, status 2, and never a traceback."""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from primum.cli.main import main
from primum.run.layout import CALLS, GATE, MANIFEST, RECIPE, TRAINING
from tests.run.small_job import PROMPTS
from tests.training.samples import preference_rows

LONG = "x" * 5000
DEEP = "[" * 100_000
PAIR = {"prompt": "p", "chosen": "c", "rejected": "r", "score_chosen": 2, "score_rejected": 1}


@dataclass(frozen=True)
class Place:
    """Where a case puts its files.

    Attributes:
        folder: An empty folder.
        run: A finished run; a case changes a copy of it.
        model: A model's folder.
    """

    folder: Path
    run: Path
    model: str

    def file(self, name, content):
        """A file with some content."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def broken(self, name, content):
        """A copy of the run in which one file holds something else; None removes it."""
        copy = shutil.copytree(self.run, self.folder / "run")
        (copy / name).unlink()
        if content is not None:
            (copy / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return copy

    def altered(self, change):
        """A copy of the run whose manifest is changed."""
        manifest = json.loads((self.run / MANIFEST).read_text())
        change(manifest)
        return self.broken(MANIFEST, json.dumps(manifest))

    def link(self, name):
        """A link to nothing."""
        (self.folder / name).symlink_to(self.folder / "nowhere")
        return self.folder / name

    def align(self, prompts=PROMPTS, **words):
        """`align`, with other words for some."""
        named = {"model": self.model, "out": self.folder / "out", "recipe": "quickstart"} | words
        options = [part for key, value in named.items() for part in (f"--{key}", str(value))]
        return ["align", str(prompts), *options]

    def train(self, pairs, *settings):
        """`train`, on some pairs."""
        named = ("--model", self.model, "--out", str(self.folder / "out"))
        return ["train", str(pairs), *named, "engine.device=cpu", *settings]

    def answers(self, content):
        """`gate`, of a file beside itself."""
        return ["gate", *[str(self.file("a.jsonl", content))] * 2]

    def recipe(self, content):
        """`recipe show` of a file."""
        return ["recipe", "show", str(self.file("r.yaml", content))]


def cut(path):
    """The first half of a file."""
    return path.read_bytes()[: path.stat().st_size // 2]


def foreign():
    """A Parquet file of another table."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"x": [1]}), sink)
    return sink.getvalue().to_pybytes()


def jsonl(*rows):
    return "\n".join(map(json.dumps, rows))


ANSWERED = jsonl(*({"prompt": f"p{at}", "answer": "a"} for at in range(12)))

CASES = {
    # Words of the command.
    "no such command": lambda p: ["nonsense"],
    "no such option": lambda p: ["gate", "--wrong", "x"],
    "an option without its value": lambda p: ["align", "seed", "--model"],
    "a missing argument": lambda p: ["fork", str(p.run)],
    "an argument too many": lambda p: ["gate", str(p.run), "more"],
    "no number": lambda p: ["audit", "--model", p.model, "--sample", "many"],
    "a number too small": lambda p: ["audit", "--model", p.model, "--sample", "1"],
    "json without a dry run": lambda p: [*p.align(), "--json"],
    "an option that is a word of Unicode": lambda p: ["gate", "--größe", "x"],
    "a number that is Unicode": lambda p: ["audit", "--model", p.model, "--sample", "三"],
    # Runs that are none.
    "report of nothing": lambda p: ["report", str(p.folder / "nowhere")],
    "gate of an empty folder": lambda p: ["gate", str(p.folder)],
    "calls of a file": lambda p: ["calls", str(p.file("f", "x"))],
    "calls of a name of Unicode": lambda p: ["calls", "läufe/дом/家"],
    "gate of a very long name": lambda p: ["gate", LONG],
    "report of a link to nothing": lambda p: ["report", str(p.link("l"))],
    "gate of a model's folder": lambda p: ["gate", p.model],
    "audit of nothing": lambda p: ["audit", str(p.folder / "nowhere")],
    "audit of neither": lambda p: ["audit"],
    "fork of nothing": lambda p: ["fork", str(p.folder / "nowhere"), str(p.folder / "new")],
    "fork onto a file": lambda p: ["fork", str(p.run), str(p.file("f", "x"))],
    "fork into a full folder": lambda p: ["fork", str(p.run), str(p.run)],
    "fork below a file": lambda p: ["fork", str(p.run), str(p.file("f", "x") / "new")],
    # Runs with a damaged file.
    "an empty manifest": lambda p: ["gate", str(p.broken(MANIFEST, ""))],
    "a cut manifest": lambda p: ["report", str(p.broken(MANIFEST, cut(p.run / MANIFEST)))],
    "a manifest of bytes": lambda p: ["calls", str(p.broken(MANIFEST, b"\xff\xfe\x00"))],
    "a manifest that is a list": lambda p: ["gate", str(p.broken(MANIFEST, "[]"))],
    "a manifest without end": lambda p: ["gate", str(p.broken(MANIFEST, DEEP))],
    "a manifest without stages": lambda p: ["calls", str(p.altered(lambda m: m.pop("stages")))],
    "stages that are none": lambda p: ["report", str(p.altered(lambda m: m.update(stages=[1])))],
    "a stage that is none": lambda p: [
        "report",
        str(p.altered(lambda m: m["stages"].update(train={"when": 1}))),
    ],
    "a manifest without facts": lambda p: [
        "report",
        str(p.altered(lambda m: m["stages"]["prompts"].update(facts={}))),
    ],
    "an unfinished run": lambda p: [
        "gate",
        str(p.altered(lambda m: m["stages"].pop("report"))),
    ],
    "no manifest": lambda p: ["calls", str(p.broken(MANIFEST, None))],
    "no table": lambda p: ["report", str(p.broken("scores.parquet", None))],
    "a cut table": lambda p: [
        "report",
        str(p.broken("scores.parquet", cut(p.run / "scores.parquet"))),
    ],
    "an empty table": lambda p: ["report", str(p.broken("pairs.parquet", ""))],
    "a foreign table": lambda p: ["report", str(p.broken("responses.parquet", foreign()))],
    "text for a table": lambda p: ["audit", str(p.broken("prompts.parquet", "no table\n" * 50))],
    "no recipe": lambda p: ["report", str(p.broken(RECIPE, None))],
    "a recipe of bytes": lambda p: ["report", str(p.broken(RECIPE, b"\x00\xff"))],
    "no evaluation": lambda p: ["gate", str(p.broken(GATE, None))],
    "an evaluation of bytes": lambda p: ["gate", str(p.broken(GATE, b"\xff\xfe"))],
    "a cut summary of training": lambda p: [
        "report",
        str(p.broken(TRAINING, cut(p.run / TRAINING))),
    ],
    "calls of another kind": lambda p: ["calls", str(p.broken(CALLS, "no database" * 900))],
    "cut calls": lambda p: ["calls", str(p.broken(CALLS, (p.run / CALLS).read_bytes()[:9000]))],
    "cut calls in a fork": lambda p: [
        "fork",
        str(p.broken(CALLS, "no database" * 900)),
        str(p.folder / "new"),
    ],
    # Recipes and settings.
    "no such recipe": lambda p: ["recipe", "show", "quickstrat"],
    "a folder for a recipe": lambda p: ["recipe", "show", str(p.folder)],
    "an empty recipe": lambda p: p.recipe(""),
    "a recipe in UTF-16": lambda p: p.recipe("training: {}\n".encode("utf-16")),
    "a wrong type behind a mark and CRLF": lambda p: p.recipe("\ufefftraining:\r\n  epochs: a\r\n"),
    "a recipe that is a list": lambda p: p.recipe("- 1\n"),
    "a key twice": lambda p: p.recipe("seed: 1\nseed: 2\n"),
    "a tab in a recipe": lambda p: p.recipe("training:\n\tepochs: 1\n"),
    "a recipe of bytes alone": lambda p: p.recipe(os.urandom(0) + bytes(range(128, 256))),
    "a recipe without end": lambda p: p.recipe(DEEP),
    "a link for a recipe": lambda p: ["recipe", "show", str(p.link("r.yaml"))],
    "a very long recipe": lambda p: ["recipe", "show", f"{LONG}.yaml"],
    "an unknown setting": lambda p: ["recipe", "show", "quickstart", "training.lerning_rate=1"],
    "no setting": lambda p: ["recipe", "show", "quickstart", "training"],
    "a setting of a wrong type": lambda p: ["recipe", "show", "quickstart", "training.epochs=two"],
    "a setting that is no YAML": lambda p: ["recipe", "show", "quickstart", "seed={"],
    # Constitutions.
    "no such constitution": lambda p: ["constitution", "check", "harmles"],
    "a folder for a constitution": lambda p: ["constitution", "show", str(p.folder)],
    "a constitution of a string": lambda p: [
        "constitution",
        "check",
        str(p.file("c.yaml", "just words")),
    ],
    # Prompts, models and places of a run.
    "no such prompts": lambda p: p.align("nowhere.jsonl"),
    "a folder of prompts": lambda p: p.align(p.folder),
    "empty prompts": lambda p: p.align(p.file("p.jsonl", "")),
    "prompts of bytes": lambda p: p.align(p.file("p.jsonl", b"\x00\xff\xfe")),
    "a cut table of prompts": lambda p: p.align(p.file("p.parquet", foreign()[:90])),
    "prompts of another suffix": lambda p: p.align(p.file("p.docx", "x")),
    "a very long name of prompts": lambda p: p.align(f"{LONG}.jsonl"),
    "a file for a model": lambda p: p.align(model=p.file("m", "x")),
    "an empty folder for a model": lambda p: p.align(model=p.folder),
    "no such bundled model": lambda p: p.align(model="bundled:gpt-9"),
    "a hub name without network": lambda p: p.align(model="nobody/no-such-model"),
    "a file for the run": lambda p: p.align(out=p.file("o", "x")),
    "a link to nothing for the run": lambda p: p.align(out=p.link("o")),
    "another run's folder": lambda p: p.align(out=p.run),
    "a folder of other things": lambda p: p.align(out=p.file("thesis.tex", "x").parent),
    "a place below a file": lambda p: p.align(out=p.file("o", "x") / "run"),
    "a place that is a very long name": lambda p: p.align(out=p.folder / LONG),
    "no such audit": lambda p: [*p.align(), "--recipe-from-audit", str(p.folder / "a.json")],
    "an audit of bytes": lambda p: [
        *p.align(),
        "--recipe-from-audit",
        str(p.file("a.json", b"\xff\x00")),
    ],
    "an audit onto a file": lambda p: [
        *("audit", "--model", p.model, "judging.kind=rating-expected"),
        *("--out", str(p.file("o", "x"))),
    ],
    "labelled pairs that are none": lambda p: [
        *("audit", "--model", p.model, "--pairs", str(p.file("l.jsonl", b"\xff\n"))),
    ],
    # Pairs to train on.
    "no such pairs": lambda p: p.train("nowhere.jsonl"),
    "a run without pairs": lambda p: p.train(p.folder),
    "pairs of another suffix": lambda p: p.train(p.file("p.bin", b"\x00")),
    "empty pairs": lambda p: p.train(p.file("p.jsonl", "")),
    "a cut table of pairs": lambda p: p.train(p.file("p.parquet", foreign()[:90])),
    "a foreign table of pairs": lambda p: p.train(p.file("p.parquet", foreign())),
    "pairs without scores": lambda p: p.train(
        p.file("p.jsonl", jsonl({"prompt": "p", "chosen": "c", "rejected": "r"}))
    ),
    "pairs without a gap": lambda p: p.train(
        p.file("p.jsonl", jsonl({**PAIR, "score_rejected": 2}))
    ),
    # Answers made elsewhere, and evaluations.
    "answers that are absent": lambda p: ["gate", "b.jsonl", "a.jsonl"],
    "answers of a very long name": lambda p: ["gate", LONG, LONG],
    "answers of a name with a null character": lambda p: ["gate", "a\0.jsonl", "b"],
    "answers in a link to nothing": lambda p: ["gate", str(p.link("l.jsonl")), "x.jsonl"],
    "answers of bytes": lambda p: p.answers(b"\xff\xfe\x00"),
    "answers without end": lambda p: p.answers(DEEP),
    "answers without prompts": lambda p: p.answers(jsonl({"answer": "a"})),
    "answers of no known kind": lambda p: ["gate", *[str(p.file("a.docx", "x"))] * 2],
    "answers with a wrong setting": lambda p: [*p.answers(ANSWERED), "gate.margn=1"],
    "answers beside a run": lambda p: [*p.answers(ANSWERED), "--out", str(p.run)],
    "answers with a constitution of nothing": lambda p: [*p.answers(ANSWERED), "-c", "nothing"],
    "answers with a model of nothing": lambda p: [*p.answers(ANSWERED), "-m", "./nothing"],
    "a run beside answers": lambda p: ["gate", str(p.run), *p.answers(ANSWERED)[1:2]],
    "an evaluation of no model": lambda p: ["evaluate", "seed"],
    "an evaluation of nothing": lambda p: ["evaluate", "seed", "-m", "./nothing"],
    "an evaluation of a very long name": lambda p: ["evaluate", "seed", "-m", LONG],
    "an evaluation of no part": lambda p: ["evaluate", "seed", "-m", p.model, "--split", "x"],
    "an evaluation into a file": lambda p: [
        *("evaluate", "seed", "-m", p.model, "-o", str(p.file("o", "x")))
    ],
    "no file of Accelerate": lambda p: p.train(
        p.file("p.jsonl", jsonl(PAIR)), "training.accelerate=nowhere.yaml"
    ),
    "a file for the model's place": lambda p: [
        *("train", str(p.file("p.jsonl", jsonl(*preference_rows(prompts=2)))), "--model", p.model),
        *("--out", str(p.file("o", "x")), "engine.device=cpu"),
    ],
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_one_sentence_and_status_2(finished, case, tmp_path, monkeypatch, capfd):
    monkeypatch.delenv("PRIMUM_DEBUG", raising=False)
    folder = tmp_path / "place"
    folder.mkdir()
    words = case(Place(folder, finished.path, finished.model))
    monkeypatch.setattr(sys, "argv", ["primum", *words])
    monkeypatch.chdir(tmp_path)
    capfd.readouterr()
    with pytest.raises(SystemExit) as status:
        main()
    said = capfd.readouterr()
    assert status.value.code == 2, said.err[-2000:]
    assert "Traceback" not in said.err + said.out
    lines = [line for line in said.err.splitlines() if line.strip()]
    assert len(lines) == 1, said.err[-2000:]
    assert lines[0].startswith("primum: ")
    assert "fault in primum" not in lines[0]
