"""Answers the held-out prompts before and after, and has both judged alike."""

from primum.evaluation.answers import answer, evaluate
from primum.evaluation.endings import answer_endings
from primum.run.layout import ANSWERS
from primum.run.stage import Given, Stage, StageFacts


def answer_and_judge(given: Given) -> StageFacts:
    """The answers of both models with their scores, as one table.

    Both models run here, for a server has not the trained one. The judge is the model as it was
    before, or the one that the recipe names, for both sides alike.
    """
    before, after = given.inputs.model, given.policy
    # Both at once, since vLLM has to know of an adapter when it starts.
    engines = [given.models.local_engine(model) for model in (before, after)]
    answers_before, answers_after = (
        answer(
            engine,
            given.inputs.heldout,
            given.settings.evaluation,
            seed=given.settings.seed,
            stage=line,
            progress=given.progress,
            thinking=given.settings.sampling.thinking,
        )
        for line, engine in zip(("answer before", "answer after"), engines, strict=True)
    )
    table = evaluate(
        given.models.judge(before),
        given.inputs.heldout,
        answers_before,
        answers_after,
        [objective.name for objective in given.inputs.constitution.objectives],
        given.progress,
    )
    given.put_table(ANSWERS, table)
    ended = answer_endings(table)
    return {
        "prompts": table.num_rows,
        **{f"cut_{side}": each.cut for side, each in zip(("before", "after"), ended, strict=True)},
        "missing_answers": sum(each.missing for each in ended),
    }


STAGE = Stage(
    name="evaluate",
    body=answer_and_judge,
    settings=(
        "seed",
        "engine",
        "judging",
        "sampling.thinking",
        "evaluation.temperature",
        "evaluation.max_tokens",
        "evaluation.system_prompt",
    ),
    inputs=("model", "policy", "judge", "constitution", "heldout"),
    writes=(ANSWERS,),
    asks=True,
)
