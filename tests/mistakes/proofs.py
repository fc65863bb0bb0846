"""Mistakes with proofs, labels, training data and exports."""

from tests.mistakes.place import PROMPTS, Mistake, Place


def _answers(place: Place, name: str, prompts: list[str]) -> None:
    place.write_rows(name, [{"prompt": prompt, "answer": "Ask a doctor."} for prompt in prompts])


def _others(place: Place) -> None:
    _answers(place, "before.jsonl", PROMPTS[:20])
    _answers(place, "after.jsonl", PROMPTS[20:40])


def _labels(place: Place) -> None:
    place.copy_run()
    place.write("ada.csv", "prompt,label\nWhy?,2\n")


def _export(place: Place) -> None:
    place.write("exports/first/README.md", "---\nlicense: apache-2.0\n---\n# A model\n")
    place.write("exports/first/model.safetensors", b"")


_GATE = "primum gate before.jsonl after.jsonl"

MISTAKES = (
    Mistake("Two files of answers to other prompts", _GATE, _others),
    Mistake("One file of answers alone", "primum gate before.jsonl", _others),
    Mistake(
        "Prompts in the place of answers",
        "primum gate before.jsonl prompts.txt",
        _others,
    ),
    Mistake("The gate of an unfinished run", "primum gate runs/first", Place.unfinished_run),
    Mistake("Labels in columns of one's own", "primum gate runs/first --labels ada.csv", _labels),
    Mistake("Labels that are not there", "primum gate runs/first --labels ben.csv", _labels),
    Mistake("An evaluation of no model", "primum evaluate prompts.txt --out proofs/first"),
    Mistake("An audit of a constitution", "primum audit clinic.yaml"),
    Mistake(
        "Pairs without scores",
        "primum train pairs.jsonl --model ./my-model --out tuned",
        lambda place: place.write_rows(
            "pairs.jsonl", [{"prompt": "Why?", "chosen": "So.", "rejected": "No."}]
        ),
    ),
    Mistake("An export without its form", "primum export runs/first", Place.copy_run),
    Mistake(
        "An export of an unfinished run",
        "primum export runs/first --merged exports/first",
        Place.unfinished_run,
    ),
    Mistake(
        "An export although the gate says fail",
        "primum export runs/first --merged exports/first",
        Place.copy_run,
    ),
    Mistake(
        "A push of what is no export",
        "primum push exports/first ada/first --yes",
        lambda place: place.write("exports/first/notes.txt", ""),
    ),
    Mistake("A push to a name without an owner", "primum push exports/first first", _export),
    Mistake("A push without a token", "primum push exports/first ada/first --yes", _export),
)
