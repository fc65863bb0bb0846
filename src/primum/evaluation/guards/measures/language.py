"""Whether an answer is in another language than its prompt.

By script, and within the Latin script by function words of the languages listed here. What is
neither long enough nor clear counts as no other language: this guard sees a model that came to
answer in another language, not a foreign word.
"""

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

from primum.evaluation.guards.texts import GuardedAnswer, words

_WORDS: Mapping[str, str] = {
    "en": (
        "the of and to is that it for you are with this be have not was what how do my can i at "
        "your from they we would which their will there if when why should who about into "
        "he she his her has had were been does did could some them then than because it's "
        "a an in on or but by as me us i'm don't can't without out up just also more make"
    ),
    "de": (
        "der die das und ist nicht ein eine ich du sie er es wir ihr zu mit für auf von dem den "
        "des im auch sich wie was wenn kann werden hat haben sind bei aus nach oder aber dass "
        "einen einem einer mein dein wird nur noch mehr über sein warum wer wo"
    ),
    "es": (
        "el la los las de que y es en un una por con para no se su lo como más pero al del son "
        "está qué si sus este esta ser tu mi me te cuando muy sin sobre también puede hay cómo "
        "cuál dónde porque quién tiene"
    ),
    "fr": (
        "le la les de des et est un une que qui dans pour pas vous je il elle nous ce cette sur "
        "avec ne se son sa ses au aux du plus ou mais comme être avoir sont c'est votre mon ma "
        "peut si leur leurs tout très sans où quand quel quelle pourquoi comment"
    ),
    "it": (
        "il lo la i gli le di che e è un una per non si con del della dei delle nel nella sono "
        "come più ma anche questo questa se al alla ci suo sua essere ha mi ti molto quando può "
        "dove perché chi cosa quale degli dal dalla"
    ),
    "pt": (
        "o a os as de que e é em um uma para com não se do da dos das no na por mais como mas ao "
        "seu sua ou quando muito já está são você isso ele ela meu minha também pode ser tem "
        "pelo pela até sem onde porque quem qual"
    ),
    "nl": (
        "de het een en van is dat niet te in op aan met voor zijn er je ik ze hij wij maar om "
        "ook als bij of uit naar dan wat deze die wordt kan heeft hebben worden nog mijn jouw "
        "geen meer hoe waarom wie waar door over moet"
    ),
}
_FUNCTION_WORDS = {code: frozenset(listed.split()) for code, listed in _WORDS.items()}
LANGUAGES = tuple(_FUNCTION_WORDS)
"""Codes of the languages that are told apart within the Latin script."""

FEWEST_WORDS = 2
"""Function words of one language without which it is not named: a choice."""
CLEARLY = 1.25
"""How many times more there must be of one language than of any other: a choice. Spanish and
Portuguese share most of theirs."""
LEAST_SHARE = 0.12
"""Share of words that are its function words. In each of these languages they are a third and more
of running text. A choice."""
MOST_LETTERS = 2000
"""Letters that are read: a choice. An answer that changes language half-way counts by its first."""


def language(text: str) -> str | None:
    """A text's language (a code) or script (a name such as `CYRILLIC`); None where unclear."""
    script = _script(text[:MOST_LETTERS])
    return _latin_language(text[:MOST_LETTERS]) if script == "LATIN" else script


def other_language(answers: Sequence[GuardedAnswer]) -> list[float | None]:
    """Per answer, whether it is in another language than its prompt, where both are clear."""
    return [float(_differs(language(each.prompt), each.text)) for each in answers]


def _differs(wanted: str | None, text: str) -> bool:
    if wanted is None:
        return False
    given = language(text)
    return given is not None and given != wanted


def _script(text: str) -> str | None:
    """The first word of the Unicode name of most letters; None without any."""
    letters = (unicodedata.name(letter, "").split(" ")[0] for letter in text if letter.isalpha())
    counts = Counter(_SAME_SCRIPT.get(name, name) for name in letters if name)
    return counts.most_common(1)[0][0] if counts else None


# Japanese mixes three scripts, and a Chinese text has no kana: both are told by Han alone.
_SAME_SCRIPT: Mapping[str, str] = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "FULLWIDTH": "LATIN"}


def _latin_language(text: str) -> str | None:
    found = words(text)
    counts = {code: sum(word in known for word in found) for code, known in _FUNCTION_WORDS.items()}
    (best, most), (_, second) = Counter(counts).most_common(2)
    clear = most >= max(FEWEST_WORDS, CLEARLY * second, LEAST_SHARE * len(found))
    return best if clear else None
