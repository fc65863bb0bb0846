"""Every language says everything that English says, in its own words."""

import re
from dataclasses import asdict, fields

import pytest

from primum.constitution import Constitution, Objective
from primum.judging import Item
from primum.judging.asking.duel import duel_messages
from primum.judging.asking.parsing import read_rating
from primum.judging.asking.question import MIRRORED, WORDINGS, rating_messages
from primum.languages import LANGUAGES
from primum.languages.en import ENGLISH
from primum.languages.texts import Language
from primum.messages import Message
from primum.recipe import Recipe
from primum.run.inputs import in_language

OTHERS = [language for code, language in LANGUAGES.items() if code != "en"]
each = pytest.mark.parametrize("language", LANGUAGES.values(), ids=LANGUAGES)
others = pytest.mark.parametrize("language", OTHERS, ids=[one.code for one in OTHERS])


def texts(value, path=""):
    """All texts of a language with their places; not its vocabulary."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from texts(one, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for at, one in enumerate(value):
            yield from texts(one, f"{path}[{at}]")


def said(language):
    return {
        path: text
        for path, text in texts(asdict(language))
        if not path.startswith((".vocabulary", ".code", ".name"))
    }


def goals(code, names=("harmlos", "brauchbar"), **more):
    objectives = tuple(Objective(name=name, definition="…", **more) for name in names)
    return Constitution(name="c", language=code, objectives=objectives)


@others
def test_the_same_texts_with_the_same_places_to_fill(language):
    ours, theirs = said(ENGLISH), said(language)
    assert ours.keys() == theirs.keys()
    for path, text in ours.items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", theirs[path]))
        assert bool(text) == bool(theirs[path])
        assert text == "" or text != theirs[path] or path == ".roles.system", path


@each
def test_what_a_question_counts_on(language):
    assert [one.mirrored for one in language.wordings] == [at in MIRRORED for at in range(WORDINGS)]
    assert len(set(language.vocabulary.numbers)) == 11
    assert language.roles.keys() == {"system", "user", "assistant", "tool", "tools"}
    assert language.replies["named"].endswith(">")


def test_a_language_is_whole_or_is_none():
    assert all(field.default is not None for field in fields(Language))
    known = {name: getattr(ENGLISH, name) for name in Language.__dataclass_fields__}
    for name in known:
        with pytest.raises(TypeError, match=name):
            Language(**{key: value for key, value in known.items() if key != name})


@others
@pytest.mark.parametrize("wording", range(WORDINGS))
@pytest.mark.parametrize("rubric", [{}, {1: "…", 10: "…"}])
@pytest.mark.parametrize("reply", ["alone", "named"])
def test_nothing_english_is_left_in_a_question(language, wording, rubric, reply):
    item = Item((Message("system", "…"), Message("user", "…")), "…", cut=True)
    asked = [
        rating_messages(item, goals(code, rubric=rubric), 0, wording=wording, reply=reply)[
            0
        ].content
        for code in (language.code, "en")
    ]
    words = [set(re.findall(r"[a-z]{3,}", text.lower())) for text in asked]
    assert words[0] & words[1] <= {"harmlos", "system", "was", "form", "material"}


@others
def test_nothing_english_is_left_in_a_duel(language):
    turns, answers = (Message("system", "…"), Message("user", "…")), ("…", "…")
    asked = [
        duel_messages(turns, answers, goals(code), 0)[0].content for code in (language.code, "en")
    ]
    words = [set(re.findall(r"[a-z]{3,}", text.lower())) for text in asked]
    assert words[0] & words[1] <= {"harmlos", "system"}


def test_a_judge_sees_what_tools_were_called_and_no_thought():
    turns = (
        Message("user", "Rain?"),
        Message("assistant", "", thought="secret", tool_calls='[{"name": "weather"}]'),
        Message("tool", "dry"),
    )
    [asked] = rating_messages(Item(turns, "No."), goals("en"), 0)
    assert 'assistant:\n> [{"name": "weather"}]\ntool:\n> dry' in asked.content
    assert "secret" not in asked.content


def test_the_fingerprint_changes_with_the_language():
    assert len({goals(code).fingerprint for code in LANGUAGES}) == len(LANGUAGES)


def test_an_unknown_language_is_named_with_those_that_are_known():
    with pytest.raises(ValueError, match=r"no language 'fr': there are de \(German\), en \(Engl"):
        goals("fr")


@each
def test_system_prompts_are_the_language_s_unless_the_recipe_has_its_own(language):
    assert in_language(Recipe(), goals(language.code)).sampling.system_prompts == (
        language.system_prompts
    )
    own = Recipe(sampling={"system_prompts": ["Be brief."]})
    assert in_language(own, goals(language.code)) == own


GERMAN = {
    "7": 7,
    "Bewertung: 7": 7,
    "**Bewertung:** 7,5": 7.5,
    "Bewertung: 7/10": 7,
    "Bewertung: 7 von 10": 7,
    "Ich gebe 7 von 10 Punkten.": 7,
    "Ich gebe dieser Antwort eine 8, weil sie freundlich ist.": 8,
    "Ich würde eine 8 vergeben.": 8,
    "Sie verdient eine Bewertung von 6.": 6,
    "sieben": 7,
    "Sieben.": 7,
    "zehn von zehn": 10,
    "Sieben Punkte": 7,
    "Harmlosigkeit: 7": 7,
    "Harmlos: 7/10, hilfreich: 9/10": 7,
    "zwischen 7 und 8": 7.5,
    "7 bis 8": 7.5,
    "Auf einer Skala von 1 bis 10 gebe ich eine 7.": 7,
    "Die höchste Punktzahl ist 10, diese bekommt 6.": 6,
    "Schritt 1: lesen. Schritt 2: vergleichen. Bewertung: 5": 5,
    "Der Antwort fehlen 2 Dinge, daher meine Bewertung: 6": 6,
    "Zwei Dinge fehlen.\n\nBewertung: 6": 6,
    "Erste Bewertung: 5. Endgültige Bewertung: 7.": 7,
    "Ich würde keine 10 geben. Meine Bewertung: 6": 6,
    "Rating: 7": 7,
}
SPANISH = {
    "Puntuación: 7": 7,
    "**Puntuación:** 7,5": 7.5,
    "Puntuación: 7/10": 7,
    "Puntuación: 7 de 10": 7,
    "Le doy un 7 sobre 10.": 7,
    "Yo le daría un 8, porque es amable.": 8,
    "Merece una nota de 6.": 6,
    "siete": 7,
    "siete y medio": 7.5,
    "diez de diez": 10,
    "Siete puntos": 7,
    "entre 7 y 8": 7.5,
    "7 a 8": 7.5,
    "En una escala de 1 a 10, le doy un 7.": 7,
    "La nota máxima es 10, y esta recibe un 6.": 6,
    "Paso 1: leer. Paso 2: comparar. Puntuación: 5": 5,
    "Le faltan 2 cosas, por lo tanto mi puntuación es 6.": 6,
    "Faltan dos cosas.\n\nPuntuación: 6": 6,
    "Puntuación inicial: 5. Puntuación final: 7.": 7,
    "No le doy un 10. Mi puntuación: 6": 6,
    "Score: 7": 7,
}
NOT_READ = {
    "de": [
        "Das kann ich nicht bewerten.",
        "Bewertung:",
        "Bewertung: 11",
        "4 von 5",
        "Der Antwort fehlen 2 Dinge.",
        "Sie nennt drei Gefahren.",
        "Auf einer Skala von 1 bis 10.",
        "Die höchste Punktzahl ist 10.",
        "Siehe Grundsatz 3.",
        "Bewertung: 7. Bewertung: 3.",
    ],
    "es": [
        "No puedo valorarla.",
        "Puntuación: 11",
        "4 de 5",
        "Nombra tres riesgos.",
        "En una escala de 1 a 10.",
        "La nota máxima es 10.",
        "Véase el principio 3.",
        "Puntuación: 7. Puntuación: 3.",
    ],
}


@pytest.mark.parametrize(("text", "rating"), GERMAN.items())
def test_german_ratings(text, rating):
    assert read_rating(text, (1, 10), "harmlos", "de") == rating


@pytest.mark.parametrize(("text", "rating"), SPANISH.items())
def test_spanish_ratings(text, rating):
    assert read_rating(text, (1, 10), "inofensiva", "es") == rating


@pytest.mark.parametrize(
    ("code", "text"), [(code, text) for code, found in NOT_READ.items() for text in found]
)
def test_what_is_no_rating(code, text):
    assert read_rating(text, (1, 10), "…", code) is None


def test_other_languages_words_are_not_read_in_english():
    assert read_rating("Ich gebe sieben von zehn.", (1, 10)) is None
