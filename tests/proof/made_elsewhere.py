"""Files of answers, as other tools write them."""

import json


def write_rows(path, rows):
    """A .jsonl file."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def answer_rows(text, count=12, **also):
    """Rows of prompts with answers.

    Args:
        text: The answer by the prompt's number.
        count: How many prompts.
        also: Further cells by the prompt's number.
    """
    return [
        {
            "prompt": f"What is {at}?",
            "answer": text(at),
            **{key: value(at) for key, value in also.items()},
        }
        for at in range(count)
    ]
