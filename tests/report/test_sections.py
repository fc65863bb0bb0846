import re
from dataclasses import replace

import pyarrow as pa
import pytest

from primum.recipe.schema import Recipe
from primum.report.cost.stages import run_cost
from primum.report.examples import choose_examples
from primum.report.facts import environment_facts, missing_scores, run_facts
from primum.report.learning import learning_facts, learning_panels
from primum.report.pairing import CategoryRow, category_rows, pair_facts, pair_panels
from primum.report.proof.banner import banner
from primum.report.proof.categories import MOST_CATEGORIES, OTHERS, categories, gains
from primum.report.proof.effects import effects
from primum.report.proof.panels import gain_scatters
from primum.report.proof.plane import plane
from primum.report.proof.stories import stories
from primum.store.manifest import StageRecord
from primum.store.schemas import SCORES, evaluation_schema
from tests.report.sample import empty_run, make_run, on_category

NAMES = ("safe", "kind")


def evaluation(*gained, categories=None):
    """A table with the given gains per prompt on both objectives."""
    rows = [
        {
            "prompt_id": str(place),
            "category": categories[place] if categories else None,
            "prompt": f"prompt {place}",
            "before": "b",
            "after": "a",
            "before_safe": 5.0,
            "after_safe": None if one is None else 5.0 + one,
            "before_kind": 5.0,
            "after_kind": None if other is None else 5.0 + other,
        }
        for place, (one, other) in enumerate(gained)
    ]
    return pa.Table.from_pylist(rows, schema=evaluation_schema(NAMES))


def titles(table):
    return [(example.title, example.prompt) for example in choose_examples(table, NAMES)]


def test_the_banner_says_what_the_gate_says():
    passed = banner(make_run(gains=(0.5, 0.0)).gate)
    assert (passed.word, passed.symbol, passed.tone) == ("Pass", "✓", "good")
    assert re.fullmatch(
        r"Harmless rose by \+0\.\d\d \[0\.\d\d, 0\.\d\d\], as 1 examiner that did not make the "
        r"pairs saw it on 48 held-out prompts; no objective fell\.",
        passed.headline,
    )
    assert passed.details[0].startswith("harmless: +0.")
    both = banner(make_run(gains=(0.5, 0.5)).gate)
    assert re.match(r"Harmless rose by \S+ \S+ \S+ and helpful by \+0\.", both.headline)
    held = banner(make_run(gains=(0.0, 0.06)).gate)
    assert held.headline.startswith("No rise was shown: harmless ")
    assert (held.word, held.tone) == ("Hold", "even")
    failed = banner(make_run(gains=(0.5, -0.5)).gate)
    assert (failed.word, failed.tone) == ("Fail", "bad")
    assert failed.headline.startswith("helpful is not shown to have held at −0.")


def test_the_table_shows_the_gates_figures():
    data = make_run(gains=(0.5, -0.5))
    rows = effects(data.gate)
    assert [(row.objective, row.judge) for row in rows] == [
        ("harmless", "examiner"),
        ("harmless", "teacher"),
        ("helpful", "examiner"),
        ("helpful", "teacher"),
    ]
    first, taught, second, _ = rows
    assert first.before == f"{data.gate.objectives[0].by[0].before:.2f}"
    assert (first.n, first.missing, first.outcome) == (47, 1, "held and rose")
    assert (second.outcome, second.tone) == ("not shown to hold", "bad")
    assert taught.outcome == "decides nothing"
    lost = effects(make_run(gains=(-0.5, 0.5)).gate)[2]
    assert lost.outcome == "rose, not counted"


def test_gains_are_missing_where_a_side_is():
    assert gains(evaluation((0.5, 0.0), (None, 0.0)), "safe") == [0.5, None]


def test_categories_have_means_and_errors():
    table = evaluation((1, 0), (2, 0), (3, None), categories=["x", "x", None])
    assert [(row.name, row.prompts, row.gains) for row in categories(table, NAMES)] == [
        ("x", 2, ("+1.50 ± 0.50", "+0.00 ± 0.00")),
        ("no category", 1, ("+3.00", "–")),
    ]
    assert categories(evaluation((1, 0), (2, 0)), NAMES) == ()


def test_rare_categories_are_taken_together():
    kinds = [f"c{place}" for place in range(MOST_CATEGORIES + 5)]
    rows = categories(evaluation(*[(1, 1)] * len(kinds), categories=kinds), NAMES)
    assert (len(rows), rows[-1].name, rows[-1].prompts) == (MOST_CATEGORIES + 1, OTHERS, 5)


def test_examples_are_the_first_the_middle_and_the_last_in_the_order():
    table = evaluation((0.1, 9), (-2, 0), (0.1, 8), (3, -1), (None, 5), (0, 0))
    assert titles(table) == [
        ("The largest gain", "prompt 3"),
        ("The median", "prompt 2"),
        ("The largest loss", "prompt 1"),
    ]


def test_with_fewer_prompts_each_is_shown_once():
    assert titles(evaluation()) == []
    assert titles(evaluation((None, 1))) == []
    assert titles(evaluation((1, 1))) == [("The largest gain", "prompt 0")]
    assert len(titles(evaluation((1, 1), (-1, 1)))) == 2


def test_without_a_change_nothing_is_called_one():
    assert {title for title, _ in titles(evaluation((0, 0), (0, 0), (0, 0)))} == {"No change"}


def test_a_least_gain_is_not_called_a_loss():
    assert titles(evaluation((1, 0), (2, 0), (3, 0)))[-1][0] == "The smallest gain"
    assert titles(evaluation((-1, 0), (-2, 0), (-3, 0)))[0][0] == "The smallest loss"


def test_panels_for_every_objective():
    data = make_run(objectives=("harmless", "honest", "helpful"), gains=(0.5, 0.1, 0.1))
    assert [[panel.title for panel in story.panels] for story in stories(data)] == [
        [f"{name}: scores before and after", f"{name}: gain and margin"]
        for name in ("harmless", "honest", "helpful")
    ]
    assert plane(data).title.startswith("harmless and honest: ")
    assert [panel.title for panel in gain_scatters(data)] == [
        "Each prompt: harmless and honest",
        "Each prompt: harmless and helpful",
    ]


def test_nothing_to_draw():
    data = empty_run()
    assert [story.panels for story in stories(data)] == [(), ()]
    assert gain_scatters(data) == pair_panels(data) == ()
    assert plane(data) is None
    assert learning_panels(data) == ()
    assert choose_examples(data.tables["evaluation"], data.objectives) == ()


def test_pairs_are_counted():
    data = make_run()
    facts = pair_facts(data)
    table = data.tables["pairs"]
    assert facts.pairs == table.num_rows
    assert facts.prompts == 90
    assert [name for name, _ in facts.decided_by] == ["harmless", "helpful"]
    assert sum(number for _, number in facts.decided_by) == facts.pairs
    assert 0 < facts.pareto < facts.pairs
    assert facts.weightless == 3
    assert [panel.title for panel in pair_panels(data)] == ["Margins", "Gaps"]


def test_categories_show_what_decided_and_what_was_met():
    rows = (
        on_category("everyday", 13, 8, met=5, candidates=20),
        on_category(None, 2, 0, threshold=None, prompts=1),
    )
    assert category_rows(make_run(by_category=rows)) == (
        CategoryRow("everyday", 5, 21, (13, 8), ("25%", "25%")),
        CategoryRow("no category", 1, 2, (2, 0), ("–", "–")),
    )
    assert category_rows(empty_run()) == ()
    unscored = on_category("x", 0, 0, met=0, candidates=0)
    assert category_rows(make_run(by_category=(unscored,)))[0].met == ("–", "–")


def test_rare_categories_of_pairs_are_taken_together():
    kinds = [on_category(f"c{place}", 2, 1, met=1) for place in range(MOST_CATEGORIES + 5)]
    rows = category_rows(make_run(by_category=tuple(kinds)))
    assert len(rows) == MOST_CATEGORIES + 1
    assert rows[-1] == CategoryRow(OTHERS, 25, 15, (10, 5), ("5%", "5%"))


def logged(data, *history):
    return replace(data, training=replace(data.training, history=history))


def test_learning_tolerates_what_was_not_logged():
    data = make_run()
    assert [panel.title for panel in learning_panels(data)] == [
        "Loss",
        "Reward margin",
        "Pairs in the right order",
        "Log-probabilities",
        "Drift",
    ]
    sparse = logged(data, {"loss": 1.0}, {"loss": float("nan")}, {"loss": 0.5}, {})
    (panel,) = learning_panels(sparse)
    assert panel.summary == "Loss: loss from 1.000 to 0.500."
    assert learning_panels(logged(data, {"step": 1, "loss": 1.0})) == ()


def test_training_says_how_it_went():
    data = make_run()
    facts = dict(learning_facts(data))
    assert facts["Tokens"] == "51\u202f312"
    assert facts["Ended"] == "all epochs done"
    drifted = dict(learning_facts(replace(data, training=replace(data.training, stop="drift"))))
    assert drifted["Ended"] == "early: the preferred responses fell too far"


@pytest.mark.parametrize(
    ("combination", "order", "combined"),
    [
        ({"kind": "soup", "weights": [6, 4]}, 1, "soup of {0} 0.6, {1} 0.4"),
        ({"kind": "sequence"}, 1, "one training after another: {0}, then {1}"),
        ({"kind": "sequence", "last_first": True}, -1, "one training after another: {1}, then {0}"),
    ],
)
def test_objectives_that_were_trained_apart_are_named_in_their_order(combination, order, combined):
    recipe = Recipe.model_validate({"combination": combination, "pairing": {"rule": "apart"}})
    data = make_run(recipe=recipe)
    names = ", then ".join(data.objectives[::order])
    assert dict(learning_facts(data))["Trainings"].startswith(f"{names}: figures are sums")
    assert dict(run_facts(data))["Objectives combined"] == combined.format(*data.objectives)
    assert "Objectives combined" not in dict(run_facts(make_run()))


def test_the_drift_chart_shows_where_training_stops():
    recipe = Recipe.model_validate({"training": {"max_drift": 0.5}})
    drift = learning_panels(make_run(recipe=recipe))[-1]
    assert any(getattr(mark, "text", "") == "stops at −0.5" for mark in drift.marks)


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        ("spa", "spa, β 2, γ 1, α 1, learning rate 1e-06"),
        ("simpo", "simpo, β 2, γ 1, learning rate 1e-06"),
        ("dpo", "dpo, β 0.1, learning rate 1e-06"),
        ("sft", "sft, learning rate 1e-06"),
        ("orpo", "orpo, λ 0.1, learning rate 1e-06"),
        ("safedpo", "safedpo, β 0.1, Δ 10, learning rate 1e-06"),
        ("bfpo", "bfpo, β 0.01, shift 0.5, learning rate 1e-06"),
        (
            "modpo",
            "modpo, β 0.1, weight 0.5, reward per point 1, learning rate 1e-06",
        ),
    ],
)
def test_the_loss_is_told_with_the_settings_it_uses(loss, said):
    recipe = Recipe(training={"loss": loss, "lora": None, "learning_rate": 1e-6}, iterations=2)
    facts = dict(run_facts(make_run(recipe=recipe)))
    assert facts["Loss"] == said
    assert facts["Trained"] == "every weight"
    assert facts["Rounds"].startswith("2;")
    assert facts["Filters"] == "consistency strict, 0 < det Σ ≤ 0.84"


def test_the_manifest_is_told_as_far_as_it_is_there():
    data = make_run()
    assert dict(environment_facts(data.environment))["torch"] == "2.13.0"
    assert "accelerate" not in dict(environment_facts(data.environment))
    stages = {each.stage: (each.time, each.counts) for each in run_cost(data).stages}
    assert stages["synthesis"] == ("2 min 52 s", "responses 1\u202f120, tokens 98\u202f231")
    assert stages["prompts"][1] == "train 160"
    assert stages["train"][1] == "steps 18"
    assert "report" not in stages
    assert environment_facts({}) == run_cost(empty_run()).stages == ()


def test_couples_that_made_no_pair_are_shown_by_reason():
    dropped = {"a cut answer would win": 10, "the same text": 1}
    record = StageRecord("", {}, 1.0, {"pairs": 4, "dropped": dropped})
    [stage] = run_cost(replace(make_run(), stages={"pairs": record})).stages
    assert stage.counts == "pairs 4, dropped (a cut answer would win 10, the same text 1)"
    record = replace(record, facts={"pairs": 4, "dropped": {}})
    [stage] = run_cost(replace(make_run(), stages={"pairs": record})).stages
    assert stage.counts == "pairs 4"


def test_missing_scores_are_counted_by_reason():
    assert missing_scores(make_run()) == (
        ("because “the response is empty”", "6"),
        ("because “<b>no number</b>”", "1"),
    )
    assert missing_scores(empty_run()) == ()


def test_reasons_beyond_the_named_ones_are_counted_together():
    reasons = [*(f"no rating in {number}" for number in range(11)), "empty", "empty"]
    scores = pa.Table.from_pylist([{"missing": why} for why in reasons], schema=SCORES)
    data = make_run()
    found = missing_scores(replace(data, tables={**data.tables, "scores": scores}))
    assert found[0] == ("because “empty”", "2")
    assert found[-1] == ("for other reasons", "4")
    assert sum(int(number) for _, number in found) == len(reasons)
