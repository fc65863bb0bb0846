"""Scores what was thought before the answers, apart from them (docs/thoughts.md)."""

from primum.judging import Item, judge_all, scores_table
from primum.run.layout import RESPONSES, THOUGHT_SCORES
from primum.run.stage import Given, Stage, StageFacts


def judge_thoughts(given: Given) -> StageFacts:
    """The judge's scores of the thoughts, in a table of their own; an empty one unless wanted."""
    columns = ["response_id", "prompt_id", "thought", "missing"]
    wanted = given.settings.judging.thoughts
    rows = given.table(RESPONSES).select(columns).to_pylist() if wanted else []
    kept = {row["response_id"]: row for row in rows if row["thought"] and row["missing"] is None}
    messages = {prompt.prompt_id: prompt.messages for prompt in given.prompts} if kept else {}
    items = {name: Item(messages[row["prompt_id"]], row["thought"]) for name, row in kept.items()}
    scores = {}
    if items:
        judge = given.models.judge(given.policy)
        scores = judge_all(judge, items, stage="judge thoughts", progress=given.progress)
    names = [objective.name for objective in given.inputs.constitution.objectives]
    prompts = {name: row["prompt_id"] for name, row in kept.items()}
    table = scores_table(scores, prompts, names)
    given.put_table(THOUGHT_SCORES, table)
    if not wanted:
        return {}
    return {"thoughts": len(kept), "missing_scores": table.column("value").null_count}


STAGE = Stage(
    name="thoughts",
    body=judge_thoughts,
    settings=("engine", "judging"),
    inputs=("policy", "judge", "constitution", "prompts"),
    reads=(RESPONSES,),
    writes=(THOUGHT_SCORES,),
    asks=True,
)
