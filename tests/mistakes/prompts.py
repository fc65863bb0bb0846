"""Mistakes with prompts."""

import json

from tests.mistakes.place import PROMPTS, Mistake, Place

_ROWS = [{"prompt": prompt} for prompt in PROMPTS]


def _mistake(title: str, name: str, content: str | bytes | None = None) -> Mistake:
    """Prompts in a file of some name and content; None for none."""

    def prepare(place: Place) -> None:
        if content is not None:
            place.write(name, content)

    return Mistake(title, f"primum align {name} --model ./my-model --out runs/first", prepare)


MISTAKES = (
    _mistake("The file is not there", "prompt.txt"),
    _mistake("The file is a spreadsheet", "prompts.xlsx", b"PK\x03\x04"),
    Mistake(
        "A folder stands in the place of a file",
        "primum align data --model ./my-model --out runs/first",
        lambda place: place.write_rows("data/questions.jsonl", _ROWS),
    ),
    _mistake("The file is empty", "questions.jsonl", ""),
    _mistake("One JSON list is named JSONL", "questions.jsonl", json.dumps(_ROWS, indent=1)),
    _mistake("JSON lines are named JSON", "questions.json", "\n".join(map(json.dumps, _ROWS))),
    _mistake("The column has another name", "questions.csv", "id,frage\r\n1,How much water?\r\n"),
    _mistake(
        "A comma in a cell without quotation marks",
        "questions.csv",
        "prompt\nHow much water, and when?\n",
    ),
    _mistake(
        "A table in the letters of an old spreadsheet",
        "questions.csv",
        "prompt\r\nMit Wein einnehmen? Oder später?\r\n".encode("cp1252"),
    ),
    _mistake("A text in UTF-16, as Windows saves it", "questions.txt", "Why?\r\n".encode("utf-16")),
    _mistake("The same prompt many times", "questions.txt", "How much water?\n" * 20),
    _mistake("Too few prompts", "questions.txt", "\n".join(PROMPTS[:20])),
    _mistake("A prompt is empty", "questions.jsonl", '{"prompt": "Why?"}\n{"prompt": " "}\n'),
    _mistake(
        "A conversation that is an answer alone",
        "chats.jsonl",
        '{"messages": [{"role": "assistant", "content": "Drink water."}]}',
    ),
    _mistake(
        "A role that is none",
        "chats.jsonl",
        '{"messages": [{"role": "patient", "content": "My head aches."}]}',
    ),
    _mistake(
        "A prompt is too long for the model", "long.txt", "\n".join([*PROMPTS[:59], "word " * 4000])
    ),
    _mistake("The name of a data set with a typing error", "xtest"),
    _mistake("A data set of the hub, without network", "hub:clinic/questions"),
)
