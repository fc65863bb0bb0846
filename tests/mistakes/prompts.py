"""Mistakes with prompts."""

import json

from tests.mistakes.place import PROMPTS, Mistake, Place

ALIGN = "primum align {} --model ./my-model --out runs/first"


def _json_lines(place: Place, name: str, rows: list) -> None:
    place.write(name, "\n".join(map(json.dumps, rows)))


MISTAKES = (
    Mistake("The file of prompts is not there", ALIGN.format("prompt.txt")),
    Mistake(
        "The file is of a kind that is not read",
        ALIGN.format("prompts.xlsx"),
        lambda place: place.write("prompts.xlsx", b"PK\x03\x04"),
    ),
    Mistake(
        "A folder in the place of a file",
        ALIGN.format("data"),
        lambda place: place.write("data/a.jsonl", '{"prompt": "a"}'),
    ),
    Mistake(
        "An empty file",
        ALIGN.format("empty.jsonl"),
        lambda place: place.write("empty.jsonl", ""),
    ),
    Mistake(
        "JSON in a file that is named JSONL",
        ALIGN.format("questions.jsonl"),
        lambda place: place.write("questions.jsonl", json.dumps([{"prompt": p} for p in PROMPTS], indent=1)),
    ),
    Mistake(
        "JSONL in a file that is named JSON",
        ALIGN.format("questions.json"),
        lambda place: _json_lines(place, "questions.json", [{"prompt": p} for p in PROMPTS]),
    ),
    Mistake(
        "A column with another name",
        ALIGN.format("questions.csv"),
        lambda place: place.write("questions.csv", "id,frage\n1,How much water?\n"),
    ),
    Mistake(
        "A CSV file with semicolons, from a spreadsheet",
        ALIGN.format("questions.csv"),
        lambda place: place.write("questions.csv", b"\xef\xbb\xbf" + "id;prompt\r\n1;How much water?\r\n".encode()),
    ),
    Mistake(
        "A CSV file in the encoding of an old spreadsheet",
        ALIGN.format("questions.csv"),
        lambda place: place.write("questions.csv", "prompt\r\nWie heißt das?\r\n".encode("cp1252")),
    ),
    Mistake(
        "The same prompt many times",
        ALIGN.format("same.txt"),
        lambda place: place.write("same.txt", "How much water?\n" * 20),
    ),
    Mistake(
        "Too few prompts",
        ALIGN.format("one.txt"),
        lambda place: place.write("one.txt", "How much water?\n"),
    ),
    Mistake(
        "Conversations that end with an answer",
        ALIGN.format("chats.jsonl"),
        lambda place: _json_lines(place, "chats.jsonl", [{"messages": [{"role": "user", "content": p}, {"role": "assistant", "content": "Yes."}]} for p in PROMPTS]),
    ),
    Mistake(
        "A prompt that is empty",
        ALIGN.format("gaps.jsonl"),
        lambda place: _json_lines(place, "gaps.jsonl", [{"prompt": p} for p in [*PROMPTS, "  "]]),
    ),
    Mistake(
        "A role that is none",
        ALIGN.format("chats.jsonl"),
        lambda place: _json_lines(place, "chats.jsonl", [{"messages": [{"role": "patient", "content": "Hi"}]}]),
    ),
    Mistake(
        "A prompt that is too long for the model",
        ALIGN.format("long.txt"),
        lambda place: place.write("long.txt", "\n".join([*PROMPTS, "word " * 4000])),
    ),
    Mistake(
        "A data set's name with a typing error",
        ALIGN.format("xtest"),
    ),
    Mistake(
        "A data set of the hub, without network",
        ALIGN.format("hub:nobody/questions"),
    ),
)
