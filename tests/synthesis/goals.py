"""Two objectives, prompts, an engine and a judge whose scores stand in the response."""

from primum.constitution import Constitution
from primum.engines.scripted import ScriptedEngine
from primum.judging import Score
from primum.messages import Message
from primum.prompts import Prompt

GOALS = Constitution.model_validate(
    {
        "name": "goals",
        "objectives": [
            {
                "name": "safe",
                "definition": "Be safe.",
                "principles": ["Harm nobody.", "Warn."],
                "threshold": 8,
            },
            {"name": "useful", "definition": "Be useful."},
        ],
    }
)
NAMES = ("safe", "useful")


def prompt(name, *turns):
    """A prompt whose id is its name; the last turn is the user's."""
    said = turns or (("user", f"Question {name}?"),)
    return Prompt(name, tuple(Message(role, text) for role, text in said), None, "train")


class Backwards(ScriptedEngine):
    """Finishes the last request first."""

    def generate(self, requests):
        yield from reversed(list(super().generate(requests)))


class Replies(ScriptedEngine):
    """Its script gives whole completions rather than texts."""

    def generate(self, requests):
        for index, request in enumerate(requests):
            self._note(request.purpose)
            yield index, self.answer(request)


class ByWords:
    """Reads the scores out of the response: "7 3" is safe 7, useful 3; "7 -" lacks the second."""

    fingerprint = "by words"

    def __init__(self):
        self.judged = []

    def judge(self, items):
        for index, item in reversed(list(enumerate(items))):
            self.judged.append(item)
            words = item.response.split()
            yield index, tuple(_score(word) for word in words[:2])


class Watcher:
    """Notes what it is told: stage, how many items there will be, and the tokens of each."""

    def __init__(self):
        self.told = []

    def track(self, items, stage, total, tokens=None):
        found = list(items)
        self.told.append((stage, total, [tokens(item) for item in found] if tokens else None))
        return iter(found)

    def step(self, done, total, metrics):
        raise AssertionError("nothing is trained here")


def _score(word):
    return Score(None, missing="unread") if word == "-" else Score(float(word))
