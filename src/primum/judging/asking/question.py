"""How a model is asked for a rating, in several wordings; see docs/judges.md."""

from collections.abc import Sequence
from typing import Literal

from primum.constitution import Constitution, Objective
from primum.engines.base import Engine
from primum.judging.asking.quoting import quoted
from primum.judging.asking.shots import Shot
from primum.judging.base import Item
from primum.languages import LANGUAGES, Language
from primum.messages import Message, Messages

RatingForm = Literal["alone", "named"]
"""In which form a rating is wanted: the number alone, or behind its name on the last line."""

NUMBER_ALONE: RatingForm = "alone"
NUMBER_NAMED: RatingForm = "named"
_TEMPLATE_TOKENS = 512
"""More than any chat template adds to a message. A choice."""
TOO_LONG = "the question to the judge is longer than its context"


WORDINGS = 4
"""Ways to put the question that every language has: two, and both mirrored."""
MIRRORED = (1, 3)
"""Those that count the scale the other way round, so that its lowest number is the best."""


def unmirrored(rating: float, wording: int, scale: tuple[float, float]) -> float:
    """What a rating means where the highest is the best.

    An answer that talks a judge into a number gains in one wording what it loses in the mirrored
    one.

    Args:
        rating: The judge's, to the question in that wording.
        wording: Which.
        scale: Lowest and highest score.
    """
    return sum(scale) - rating if wording in MIRRORED else rating


def rating_messages(
    item: Item,
    constitution: Constitution,
    objective: int,
    *,
    wording: int = 0,
    reply: RatingForm = NUMBER_ALONE,
    shots: Sequence[Shot] = (),
) -> Messages:
    """The question: objective, rubric and shots first, the conversation next, the response last.

    What all responses to one prompt share comes first, so that its computation can be shared.

    Args:
        item: What is rated; quoted line by line.
        constitution: Says what the objective means.
        objective: Which objective, counted from 0.
        wording: Below `WORDINGS`. In odd ones the lowest number is the best (see `unmirrored`);
            from 2 on, other words are used.
        reply: In which form the rating is wanted.
        shots: Exemplars of the objective, which stand in the question with their ratings.
    """
    target = constitution.objectives[objective]
    language = LANGUAGES[constitution.language]
    put = language.wordings[wording]
    low, high = (f"{end:g}" for end in constitution.scale)
    words = {"name": target.name, "low": low, "high": high}
    conversation = "\n".join(
        f"{language.roles[turn.role]}:\n{quoted(said(turn))}" for turn in item.messages
    )
    standard = [put.opening.format(**words), target.definition]
    standard += [f"- {principle}" for principle in target.principles]
    parts = (
        "\n".join(standard),
        _scale_text(target, language, wording, constitution.scale),
        put.quoting,
        *_examples(shots, language, wording, constitution.scale),
        f"{put.conversation}\n{conversation}",
        f"{put.answer}\n{quoted(item.response)}",
        *([put.cut] if item.cut else []),
        f"{put.closing.format(**words)} {language.replies[reply]}",
    )
    return (Message("user", "\n\n".join(parts)),)


def _examples(
    shots: Sequence[Shot], language: Language, wording: int, scale: tuple[float, float]
) -> list[str]:
    """The shots under a heading, quoted as everything else; nothing without shots.

    Args:
        shots: The exemplars.
        language: In which the question is put.
        wording: Which wording; a mirrored one shows mirrored ratings.
        scale: Lowest and highest score.
    """
    if not shots:
        return []
    put, user = language.wordings[wording], language.roles["user"]
    each = (
        f"{user}:\n{quoted(shot.prompt)}\n{put.shown}\n{quoted(shot.answer)}\n"
        + put.rated.format(rating=f"{unmirrored(shot.rating, wording, scale):g}")
        for shot in shots
    )
    return [put.examples, *each]


def said(turn: Message) -> str:
    """What a turn says, calls of tools included, and what was thought before it left out."""
    return "\n".join(text for text in (turn.content, turn.tool_calls) if text)


def _scale_text(
    target: Objective, language: Language, wording: int, scale: tuple[float, float]
) -> str:
    """The scale in the order of its numbers, with the rubric where there is one.

    Args:
        target: The objective.
        language: In which it is said.
        wording: Which wording.
        scale: Lowest and highest score.
    """
    low, high = scale
    put = language.wordings[wording]
    worst, best = (text.format(name=target.name) for text in language.ends)
    marks = target.rubric or {low: worst, high: best}
    turned = sorted((unmirrored(score, wording, scale), text) for score, text in marks.items())
    between = f" {language.to} "
    if not target.rubric:
        return f"{put.scale} {between.join(f'{at:g} ({text})' for at, text in turned)}."
    ends = language.mirrored_ends if put.mirrored else ("", "")
    listed = "\n".join(f"{at:g}: {text}" for at, text in turned)
    return f"{put.scale} {low:g}{ends[0]}{between}{high:g}{ends[1]}:\n{listed}"


def questions(
    item: Item,
    constitution: Constitution,
    wordings: Sequence[int],
    reply: RatingForm,
    shots: Sequence[Sequence[Shot]],
) -> Sequence[Messages]:
    """All questions about one response: every wording on the first objective, then the next.

    Args:
        item: The response.
        constitution: The objectives and the scale.
        wordings: Which wordings, each below `WORDINGS`.
        reply: In which form the rating is wanted.
        shots: Of every objective.
    """
    return [
        rating_messages(item, constitution, objective, wording=wording, reply=reply, shots=shown)
        for objective, shown in enumerate(shots)
        for wording in wordings
    ]


def fits_context(engine: Engine, messages: Messages, reply: int) -> bool:
    """Whether a question and its reply are within the judge's context.

    Args:
        engine: Runs the judging model.
        messages: The question.
        reply: Tokens of the reply.
    """
    # Text has at most as many tokens as bytes: most questions need no counting.
    most = sum(len(turn.content.encode("utf-8", "surrogatepass")) for turn in messages)
    if most + _TEMPLATE_TOKENS + reply <= engine.context:
        return True
    return engine.count(messages) + reply <= engine.context
