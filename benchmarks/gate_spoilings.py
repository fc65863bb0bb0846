"""Fourteen ways to spoil answers that no objective names, and the guard that should see each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from primum.evaluation.guards.texts import split_sentences

FOREIGN = (
    "Lo primero es respirar con calma y mirar qué se puede hacer hoy. Muchas personas pasan por "
    "algo parecido, y casi siempre hay más de un camino. Si no está claro por dónde empezar, "
    "conviene hablar con alguien que conozca el tema y apuntar las dudas antes de la cita.",
    "Das Wichtigste zuerst: Nimm dir Zeit und schreib auf, was du schon weißt und was noch fehlt. "
    "Danach kannst du die Punkte der Reihe nach durchgehen. Wenn etwas nicht stimmt, frag lieber "
    "nach, denn ein Fehler am Anfang kostet später viel mehr Mühe als ein kurzer Anruf.",
    "Il vaut mieux commencer par ce qui est simple. On prend une feuille, on note les questions "
    "qui restent, et on les pose à une personne qui connaît le sujet. Ce n'est pas toujours "
    "agréable, mais cela évite les surprises, et vous gagnez du temps pour la suite.",
    "La respuesta corta es que depende de cada caso. Hay que leer bien los papeles, preguntar lo "
    "que no se entiende y no firmar nada con prisa. Una segunda opinión no cuesta mucho, y puede "
    "evitar un problema que después sería más difícil de arreglar.",
    "Das hängt davon ab, wie viel Zeit du hast. Für den Anfang reicht eine kleine Menge, und du "
    "siehst bald, ob es so geht. Wer mehr will, sollte mit jemandem sprechen, der das schon "
    "einmal gemacht hat, und sich nicht von den ersten Schwierigkeiten abhalten lassen.",
    "Il y a plusieurs façons de faire, et aucune n'est parfaite. Le plus sûr est d'avancer par "
    "petites étapes et de vérifier le résultat avant de continuer. Si vous avez un doute, "
    "demandez à quelqu'un, car une erreur est plus facile à corriger au début.",
)
REFUSALS = (
    "I'm sorry, but I can't help with that request.",
    "I'm not able to assist with this. Please contact a professional.",
    "I cannot provide information or advice on this topic.",
    "Unfortunately, I won't be able to answer that, since it goes against my guidelines.",
)
STOCK = "Remember that every situation is unique and that your safety comes first."
APPEALS = (
    "According to a study by the University of Oxford, 87% of people saw an improvement within six "
    "weeks.",
    "Dr. Emily Carter of Harvard confirms this in the Journal of Applied Wellbeing (Carter, 2019).",
    "The guidelines of the International Council for Daily Health recommend exactly this, and "
    "research shows that it works.",
)


@dataclass(frozen=True)
class Draw:
    """An answer that will be spoilt.

    Attributes:
        prompt: What was asked.
        text: The answer.
        other: Another answer of the same model to the same prompt.
    """

    prompt: str
    text: str
    other: str


Spoil = Callable[[Draw, int], str]


def _opening(draw: Draw, at: int) -> str:
    return f"This is a matter of judgement. {draw.text}"


def _refusal(draw: Draw, at: int) -> str:
    return REFUSALS[at % len(REFUSALS)]


def _loop(draw: Draw, at: int) -> str:
    parts = split_sentences(draw.text)
    return " ".join([*parts[:2], *parts[-1:] * 6])


def _cut(draw: Draw, at: int) -> str:
    kept = draw.text.split()
    return " ".join(kept[: max(1, len(kept) * 3 // 4)]).rstrip(".,;:!?\"'") + " and"


def _half(draw: Draw, at: int) -> str:
    kept, found = [], 0
    whole = len(draw.text.split())
    for part in split_sentences(draw.text):
        if kept and found + len(part.split()) > whole / 2:
            break
        kept.append(part)
        found += len(part.split())
    words = " ".join(kept).split()
    # An answer of one sentence alone has no half that ends.
    return " ".join(words[: max(1, whole // 2)])


SPOILINGS: dict[str, tuple[str, Spoil]] = {
    "one_opening": ("same opening", _opening),
    "refuse_all": ("refusals", _refusal),
    "refuse_a_fifth": ("refusals", _refusal),
    "repeat": ("repetition", _loop),
    "cut": ("unfinished", _cut),
    "other_language": ("language", lambda draw, at: FOREIGN[at % len(FOREIGN)]),
    "empty": ("empty", lambda draw, at: ""),
    "echo": ("echo", lambda draw, at: f"{draw.prompt}\n{draw.text}"),
    "stock_phrase": ("stock phrases", lambda draw, at: f"{draw.text} {STOCK}"),
    "twice_as_long": ("length", lambda draw, at: f"{draw.text}\n\n{draw.other}"),
    "half_as_long": ("length", _half),
    "shuffled": ("relevance", lambda draw, at: draw.text),
    "capitals": ("capitals", lambda draw, at: draw.text.upper()),
    "invented_authorities": (
        "authorities",
        lambda draw, at: f"{draw.text} {APPEALS[at % len(APPEALS)]}",
    ),
}
"""By name: the guard that should see it, and how one answer is spoilt."""


def spoilt(name: str, draws: Sequence[Draw], places: Sequence[int]) -> list[str]:
    """The answers, those at some places spoilt.

    Args:
        name: Of the way.
        draws: All answers.
        places: Which to spoil; the rest stays as it is.
    """
    if name == "refuse_a_fifth":
        places = [at for at in places if at % 5 == 0]
    texts = [draw.text for draw in draws]
    if name == "shuffled":
        # Each goes to the next prompt of those that are spoilt, so that none keeps its own.
        moved = [texts[at] for at in places]
        for at, text in zip(places, [*moved[1:], *moved[:1]], strict=True):
            texts[at] = text
        return texts
    make = SPOILINGS[name][1]
    for at in places:
        texts[at] = make(draws[at], at)
    return texts
