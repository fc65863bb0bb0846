"""Mistakes with runs and their results."""

import json
import os

from tests.mistakes.place import QUICK, Mistake, Place
from tests.mistakes.recipes import ALIGN
from primum.run.layout import MANIFEST


def _manifest(place: Place, change, name="runs/first") -> None:
    file = place.copy_run(name) / MANIFEST
    manifest = json.loads(file.read_text())
    change(manifest)
    file.write_text(json.dumps(manifest))


def _unfinished(place: Place) -> None:
    _manifest(place, lambda m: m["stages"].pop("report"))


def _answers(place: Place, name: str, prompts: list[str]) -> None:
    place.write(name, "\n".join(json.dumps({"prompt": p, "answer": "Yes."}) for p in prompts))


def _two(place: Place) -> None:
    _answers(place, "before.jsonl", [f"Why {n}?" for n in range(20)])
    _answers(place, "after.jsonl", [f"How {n}?" for n in range(20)])


S = {"scripted": True}
MISTAKES = (
    Mistake("--out is a file", ALIGN.format(""), lambda p: p.write("runs/first", "x")),
    Mistake("--out holds other files", "primum align prompts.txt --model ./my-model --out .",),
    Mistake("--out is another run", ALIGN.format(""), lambda p: p.copy_run()),
    Mistake("--out is the prompts file's folder", "primum align prompts.txt --model ./my-model --out ./my-model",),
    Mistake("Everything filtered", ALIGN.format(f"--recipe quickstart judging.kind=rating-expected denoising.tau=0.0001 {QUICK}"), **S),
    Mistake("No pair", ALIGN.format(f"--recipe quickstart judging.kind=rating-expected pairing.delta=100 {QUICK}"), **S),
    Mistake("Report of no run", "primum report runs"),
    Mistake("Report of the folder above", "primum report runs", lambda p: p.copy_run()),
    Mistake("Report of a file", "primum report runs/first/report.html", lambda p: p.copy_run()),
    Mistake("Report of unfinished", "primum report runs/first", _unfinished),
    Mistake("Gate of unfinished", "primum gate runs/first", _unfinished),
    Mistake("Export of unfinished", "primum export runs/first --merged exports/first", _unfinished),
    Mistake("fork of unfinished", "primum fork runs/first runs/second", _unfinished, status=0),
    Mistake("fork into itself", "primum fork runs/first runs/first", lambda p: p.copy_run()),
    Mistake("fork without new", "primum fork runs/first training.epochs=2", lambda p: p.copy_run()),
    Mistake("Export without form", "primum export runs/first", lambda p: p.copy_run()),
    Mistake("Push without yes is fine", "primum push runs/first my-team", lambda p: p.copy_run()),
    Mistake("Push without token", "primum push runs/first my-team/first --yes --despite-gate", lambda p: p.copy_run()),
    Mistake("Gate of files with other prompts", "primum gate before.jsonl after.jsonl", _two),
    Mistake("Gate of one file", "primum gate before.jsonl", _two),
    Mistake("Gate without answers", "primum gate before.jsonl prompts.txt", _two),
    Mistake("Gate of prompts", "primum gate before.jsonl after.jsonl", lambda p: [p.write(n, '{"prompt": "a"}') for n in ("before.jsonl", "after.jsonl")]),
    Mistake("Wrong labels", "primum gate runs/first --labels ada.csv", lambda p: [p.copy_run(), p.write("ada.csv", "prompt,label\nWhy?,2\n")]),
    Mistake("absent labels", "primum gate runs/first --labels ada.json", lambda p: p.copy_run()),
    Mistake("label too many", "primum label runs/first --n 0 --out sheets/first", lambda p: p.copy_run()),
    Mistake("Compare with recipe unknown", "primum compare spa dpo2 --recipe quickstart --model ./my-model --prompts prompts.txt --out runs/methods"),
    Mistake("Compare one", "primum compare spa --recipe quickstart --model ./my-model --prompts prompts.txt --out runs/methods"),
    Mistake("train without scores", "primum train pairs.jsonl --model ./my-model --out tuned", lambda p: p.write("pairs.jsonl", json.dumps({"prompt": "p", "chosen": "c", "rejected": "r"}))),
    Mistake("evaluate no model", "primum evaluate prompts.txt --out proofs/first"),
    Mistake("evaluate prompts absent", "primum evaluate prompt.txt --model ./my-model --out proofs/first"),
    Mistake("server down", ALIGN.format("--recipe paper engine.kind=openai engine.openai.base_url=http://127.0.0.1:9/v1 engine.openai.retries=0")),
    Mistake("server no url", ALIGN.format("--recipe paper engine.kind=openai")),
    Mistake("server url without http", ALIGN.format("--recipe paper engine.kind=openai engine.openai.base_url=127.0.0.1:8000/v1")),
    Mistake("audit without model", "primum audit clinic.yaml"),
    Mistake("mark add nothing", "primum mark add sheet.csv"),
    Mistake("calls", "primum calls my-model"),
    Mistake("no space", ALIGN.format("--recipe"),),
)
