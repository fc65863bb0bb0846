"""Answers the held-out prompts before and after, and has the teacher and the examiners judge."""

import pyarrow as pa

from primum.evaluation.answers import AFTER, BEFORE, answer, answers_table, judge_answers
from primum.evaluation.endings import answer_endings
from primum.evaluation.judges_file import write_judges
from primum.run.layout import ANSWERS, JUDGEMENTS, JUDGES
from primum.run.stage import Given, Stage, StageFacts


def answer_and_judge(given: Given) -> StageFacts:
    """The answers of both models, and their scores by every judge.

    Both models run here, for a server has not the trained one. The judges see both sides alike.
    """
    start = given.inputs.model
    models = {BEFORE: start, AFTER: given.policy}
    # All at once, since vLLM has to know of an adapter when it starts.
    engines = {name: given.models.local_engine(model) for name, model in models.items()}
    answers = {
        name: answer(
            engine,
            given.inputs.heldout,
            given.settings.evaluation,
            seed=given.settings.seed,
            stage=f"answer {name}",
            progress=given.progress,
            thinking=given.settings.sampling.thinking,
        )
        for name, engine in engines.items()
    }
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
        "prompts": len(given.inputs.heldout),
        **{f"cut_{side}": each.cut for side, each in zip((BEFORE, AFTER), ended, strict=True)},
        "missing_answers": sum(each.missing for each in ended),
    }


STAGE = Stage(
    name="evaluate",
    body=answer_and_judge,
    settings=(
        "seed",
        "engine",
        "judging",
        "gate.judges",
        "sampling.thinking",
        "evaluation.temperature",
        "evaluation.max_tokens",
        "evaluation.system_prompt",
    ),
    inputs=("model", "policy", "judge", "examiners", "constitution", "heldout"),
    writes=(ANSWERS, JUDGEMENTS, JUDGES),
    asks=True,
)
