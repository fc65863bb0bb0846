"""The tables of a run: one Arrow schema per stage, joined by ids.

`prompt_id` joins everything; `response_id` joins responses, scores, verdicts and pairs. A score
that could not be read is null, with the reason in `missing`; it is never zero.
"""

import pyarrow as pa

MESSAGES = pa.list_(
    pa.struct(
        [
            ("role", pa.string()),
            ("content", pa.string()),
            ("reasoning_content", pa.string()),  # the thought; null where there is none
            ("tool_calls", pa.string()),  # JSON; null where there are none
            ("tool_call_id", pa.string()),  # null but for some answers of tools
        ]
    )
)

PROMPTS = pa.schema(
    [
        ("prompt_id", pa.string()),
        ("split", pa.string()),  # "train" | "heldout"
        ("category", pa.string()),  # null where the file has none
        ("messages", MESSAGES),
    ]
)

RESPONSES = pa.schema(
    [
        ("response_id", pa.string()),
        ("prompt_id", pa.string()),
        ("kind", pa.string()),  # "candidate" | "refinement"
        ("index", pa.int32()),
        ("system_prompt", pa.string()),
        ("text", pa.string()),  # the answer alone
        ("thought", pa.string()),  # what was thought before it; null where nothing was
        ("tokens", pa.int32()),
        ("finish", pa.string()),  # "stop" | "length"
        ("missing", pa.string()),  # why there is no answer; null where there is one
        ("seed", pa.int64()),
    ]
)

SCORES = pa.schema(
    [
        ("response_id", pa.string()),
        ("prompt_id", pa.string()),
        ("objective", pa.string()),
        ("value", pa.float64()),  # points of the scale; null where missing
        ("entropy", pa.float64()),  # nats; null where the judge has none
        ("uncertainty", pa.float64()),  # standard deviation in points; null where unknown
        ("outside", pa.float64()),  # probability of no rating; null but for rating-expected
        ("missing", pa.string()),  # why there is no value; null where there is one
    ]
)

FILTER_DECISIONS = pa.schema(
    [
        ("prompt_id", pa.string()),
        ("refinement_id", pa.string()),  # the refinement that stands for ỹ; null where none
        ("consistent", pa.bool_()),  # eq. (4)
        ("determinant", pa.float64()),  # det Σ; null where undefined
        ("tau", pa.float64()),  # the bound in force; null where the filter is off
        ("informative", pa.bool_()),  # eq. (5)
        ("kept", pa.bool_()),
        ("reason", pa.string()),  # why it was dropped; null where kept
    ]
)

PAIRS = pa.schema(
    [
        ("prompt", MESSAGES),
        ("chosen", MESSAGES),
        ("rejected", MESSAGES),
        ("chosen_scores", pa.list_(pa.float64())),  # G per objective, in order
        ("rejected_scores", pa.list_(pa.float64())),
        ("gap", pa.float64()),  # Δ, eq. (8)
        ("margin", pa.float64()),  # Σ|ΔG|, eq. (7)
        (
            "decided_by",
            pa.string(),
        ),  # the objective that decided; in the order, the first to differ
        ("prompt_id", pa.string()),
        ("chosen_id", pa.string()),
        ("rejected_id", pa.string()),
        ("chosen_finish", pa.string()),  # "stop" | "length"
        ("rejected_finish", pa.string()),
        ("chosen_met", pa.bool_()),  # the first objective's threshold; null where it has none
        ("rejected_met", pa.bool_()),
    ]
)


ANSWERS = pa.schema(
    [
        ("prompt_id", pa.string()),
        ("category", pa.string()),  # null where the file has none
        ("messages", MESSAGES),  # the prompt
        (
            "answerer",
            pa.string(),
        ),  # "before", "after", … (evaluation.answers)
        ("text", pa.string()),  # the answer alone
        ("thought", pa.string()),  # what was thought before it; null where nothing was
        ("finish", pa.string()),  # "stop" | "length"; null where unknown
        ("missing", pa.string()),  # why there is no answer; null where there is one
    ]
)
"""Answers to held-out prompts, a row per prompt and answerer."""

JUDGEMENTS = pa.schema(
    [
        ("prompt_id", pa.string()),
        ("answerer", pa.string()),
        ("judge", pa.string()),  # who judged: "teacher", "examiner", or a name in gate.judges
        ("objective", pa.string()),
        ("value", pa.float64()),  # points of the scale; null where missing
        ("uncertainty", pa.float64()),  # standard deviation in points; null where unknown
        ("missing", pa.string()),  # why there is no value; null where there is one
    ]
)
"""Scores of those answers, a row per prompt, answerer, judge and objective."""

DUELS = pa.schema(
    [
        ("prompt_id", pa.string()),
        ("answerer", pa.string()),  # whose answer may win
        ("against", pa.string()),  # whose answer it is compared with
        ("judge", pa.string()),
        ("objective", pa.string()),
        ("decided_by", pa.string()),  # "words": asked in both orders | "scores"
        ("outcome", pa.float64()),  # 1 win, 0.5 tie, 0 loss; null where undecided
        ("flipped", pa.bool_()),  # the judge named the same place in both orders: a tie
        ("missing", pa.string()),  # why it is undecided; null where it is not
    ]
)
"""Duels of `primum evaluate`, a row per prompt, answerer, judge and objective."""

GUARD_VALUES = pa.schema(
    [
        ("guard", pa.string()),  # what is guarded, such as "refusals of harmless prompts"
        ("item_id", pa.string()),  # the prompt or question
        ("item", pa.string()),  # its text
        ("answerer", pa.string()),
        ("text", pa.string()),  # what was answered; null where nothing was written
        ("value", pa.float64()),  # in the guard's unit; null where missing
    ]
)
"""What guards measured that ask a model: a row per guard, item and answerer."""

LABELS = pa.schema(
    [
        ("prompt_id", pa.string()),
        ("objective", pa.string()),
        ("labeller", pa.string()),  # "labeller 1", …
        ("value", pa.float64()),  # 1 after is better, 0 the same, -1 before; null for no label
        ("before", pa.string()),  # fingerprint of the answer that was labelled
        ("after", pa.string()),
    ]
)
"""What people said of answers: a row per drawn prompt, objective and labeller."""


COLUMNS: dict[str, tuple[str, ...]] = {
    "prompts": tuple(PROMPTS.names),
    "responses": tuple(RESPONSES.names),
    "scores": tuple(SCORES.names),
    "verdicts": tuple(FILTER_DECISIONS.names),
    "pairs": tuple(PAIRS.names),
    "answers": tuple(ANSWERS.names),
    "judgements": tuple(JUDGEMENTS.names),
    "guards": tuple(GUARD_VALUES.names),
    "labels": tuple(LABELS.names),
}
"""Columns of the tables by the names that people know them by."""


def evaluation_schema(objectives: tuple[str, ...]) -> pa.Schema:
    """Two answerers side by side: a row per prompt, with both scores on every objective."""
    return pa.schema(
        [
            ("prompt_id", pa.string()),
            ("category", pa.string()),
            ("prompt", pa.string()),
            ("before", pa.string()),
            ("after", pa.string()),
            ("before_thought", pa.string()),  # null where nothing was thought
            ("after_thought", pa.string()),
            ("before_finish", pa.string()),  # "stop" | "length"
            ("after_finish", pa.string()),
            ("before_missing", pa.string()),  # why there is no answer; null where there is one
            ("after_missing", pa.string()),
            *[
                (f"{side}_{name}", pa.float64())
                for name in objectives
                for side in ("before", "after")
            ],
        ]
    )
