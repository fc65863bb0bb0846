"""Answers the held-out prompts by all models, and has the teacher and the examiners judge."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import fmean

import pyarrow as pa

from primum.engines.base import Engine
from primum.evaluation.answerers import AFTER, AGAIN, AGAIN_2, BEFORE
from primum.evaluation.answers import Answers, answer, answers_table, judge_answers
from primum.evaluation.endings import answer_endings
from primum.evaluation.judges_file import write_judges
from primum.recipe.schema import Evaluation, Recipe
from primum.run.layout import ANSWERS, JUDGEMENTS, JUDGES
from primum.run.stage import Given, Stage, StageFacts
from primum.run.stages.trained import trained_models
from primum.seeds import derive_seed


@dataclass(frozen=True, slots=True)
class AnswerPass:
    """A pass over the held-out prompts.

    Attributes:
        answerer: What the answers are called.
        model: Who gives them.
        settings: Temperature, length and system prompt.
        seed: Makes the draws.
    """

    answerer: str
    model: str
    settings: Evaluation
    seed: int


def evaluation_of(recipe: Recipe) -> Evaluation:
    """How answers are asked for; only these settings are read."""
    settings = recipe.evaluation
    return Evaluation(
        temperature=settings.temperature,
        max_tokens=settings.max_tokens,
        system_prompt=settings.system_prompt,
    )


def answer_and_judge(given: Given) -> StageFacts:
    """The answers of all models, and their scores by every judge.

    All models run here, for a server has not the trained ones. The judges see all sides alike.
    """
    start = given.inputs.model
    trained = trained_models(given)
    # All at once, since vLLM has to know of an adapter when it starts.
    engines = {model: given.models.local_engine(model) for model in (start, *trained.values())}
    answers = {
        each.answerer: answered(given, engines[each.model], each) for each in passes(given, trained)
    }
    return judge_and_keep(given, answers, fmean(each.tokens for each in answers[AFTER].values()))


def answered(given: Given, engine: Engine, each: AnswerPass) -> Answers:
    """The answers of one pass.

    Args:
        given: What the stage is handed.
        engine: Runs the model of the pass.
        each: The pass.
    """
    return answer(
        engine,
        given.inputs.heldout,
        each.settings,
        seed=each.seed,
        stage=f"answer {each.answerer}",
        progress=given.progress,
        thinking=given.settings.sampling.thinking,
    )


def judge_and_keep(given: Given, answers: Mapping[str, Answers], written: float) -> StageFacts:
    """Has all answers judged, and writes the stage's files.

    Args:
        given: What the stage is handed.
        answers: By answerer.
        written: Tokens that the method writes for a held-out prompt, on average.
    """
    start = given.inputs.model
    table = answers_table(given.inputs.heldout, answers)
    objectives = [objective.name for objective in given.inputs.constitution.objectives]
    judges = [given.models.teacher(start), *given.models.examiners(start)]
    judged = [
        judge_answers(each.judge, each.facts.name, table, objectives, given.progress)
        for each in judges
    ]
    write_judges([each.facts for each in judges], given.path(JUDGES))
    given.put_table(ANSWERS, table)
    given.put_table(JUDGEMENTS, pa.concat_tables(judged))
    ended = answer_endings(table)
    return {
        "answerers": list(answers),
        "prompts": len(given.inputs.heldout),
        **{f"cut_{side}": each.cut for side, each in zip((BEFORE, AFTER), ended, strict=True)},
        "missing_answers": sum(each.missing for each in ended),
        "answer_tokens": written,
    }


def passes(given: Given, trained: Mapping[str, str]) -> Iterator[AnswerPass]:
    """Who answers: the starting model, every trained one, and the starting model again.

    What a change of nothing looks like shows between two draws of the starting model. Where the
    most likely tokens are taken, another seed gives the same text, so that two further draws, at
    the temperature of sampling, are compared with each other.

    Args:
        given: What the stage is handed.
        trained: The trained models by answerer.
    """
    start, seed = given.inputs.model, given.settings.seed
    settings = evaluation_of(given.settings)
    # The same seed for every model, so that draws are paired.
    for answerer, model in {BEFORE: start, **trained}.items():
        yield AnswerPass(answerer, model, settings, seed)
    again = settings
    names: tuple[str, ...] = (AGAIN,)
    if settings.temperature == 0:
        again = settings.model_copy(update={"temperature": given.settings.sampling.temperature})
        names = (AGAIN, AGAIN_2)
    for answerer in names:
        yield AnswerPass(answerer, start, again, derive_seed(seed, "again", answerer))


STAGE = Stage(
    name="evaluate",
    body=answer_and_judge,
    settings=(
        "seed",
        "seeds",
        "engine",
        "judging",
        "gate.judges",
        "sampling.thinking",
        "sampling.temperature",
        "evaluation.temperature",
        "evaluation.max_tokens",
        "evaluation.system_prompt",
    ),
    inputs=("model", "policy", "judge", "examiners", "constitution", "heldout"),
    writes=(ANSWERS, JUDGEMENTS, JUDGES),
    asks=True,
)
