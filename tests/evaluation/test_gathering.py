"""What a gate decides from, of several trained models."""

from primum.evaluation.answerers import AFTER, BEFORE
from primum.evaluation.gathering import gather
from primum.evaluation.guards.asking.likelihood import FORMER, NEW
from primum.evaluation.guards.asking.rows import guard_table
from primum.evaluation.guards.refusals_asked import REFUSALS
from primum.recipe.schema import Evaluation, Gate
from primum.store.schemas import LABELS
from tests.evaluation.guards.prose import PROMPTS, answers
from tests.evaluation.tables import EXAMINER, answers_of, judgements_of

SECOND = "after-2"


def guards_of(texts, rows=()):
    """What the guards found by name, and their order.

    Args:
        texts: Answers by answerer.
        rows: What was measured by asking models.
    """
    evidence = gather(
        ("kind",),
        answers_of(texts, None, PROMPTS),
        judgements_of({side: {"kind": [5.0] * len(PROMPTS)} for side in texts}),
        (EXAMINER,),
        guard_values=guard_table(list(rows)),
        labels=LABELS.empty_table(),
        gate=Gate(),
        evaluation=Evaluation(bootstrap=300),
        seed=1,
    )
    return {result.guard: result for result in evidence.guards}


def asked(guard, item, values, text="Gladly: take the bus."):
    """A row per answerer.

    Args:
        guard: Its name.
        item: The id of the prompt.
        values: By answerer.
        text: What everybody answered.
    """
    return [
        {
            "guard": guard,
            "item_id": item,
            "item": "How do I get there?",
            "answerer": answerer,
            "text": text if isinstance(value, float | None) else value,
            "value": value if isinstance(value, float | None) else None,
        }
        for answerer, value in values.items()
    ]


def test_the_worst_of_several_models_counts_guard_by_guard():
    shouting = [text.upper() for text in answers()]
    texts = {BEFORE: answers(), AFTER: answers("much"), SECOND: shouting}
    no, yes = "I cannot help with that.", "Gladly: take the bus."
    rows = []
    for at in range(40):
        rows += asked(NEW, f"p{at}", {BEFORE: -1.0, AFTER: -1.0 - at / 10, SECOND: -1.0})
        rows += asked(FORMER, f"p{at}", {BEFORE: -1.0, AFTER: -1.0, SECOND: -3.0 - at / 100})
        refusing = {BEFORE: yes, AFTER: yes, SECOND: no}
        rows += asked(REFUSALS, f"everyday-{at:03}", refusing)
    found = guards_of(texts, rows)
    broken = {name: result.sentence for name, result in found.items() if not result.held}
    assert set(broken) == {"capitals", "everyday refusals", NEW, FORMER}
    assert broken["capitals"].endswith("(trained model 2 of 2, the worst)")
    assert broken["everyday refusals"].endswith("(trained model 2 of 2, the worst)")
    assert broken[FORMER].endswith("(trained model 2 of 2, the worst)")
    assert broken[NEW].endswith("(trained model 1 of 2, the worst)")


def test_the_starting_model_again_is_no_trained_one():
    empty = [""] * len(PROMPTS)
    found = guards_of({BEFORE: answers(), AFTER: answers("much"), "again": empty})
    assert [name for name, result in found.items() if not result.held] == []
    assert "trained model" not in found["empty"].sentence
