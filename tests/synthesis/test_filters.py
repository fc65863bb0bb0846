import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.recipe.preferences import Denoising, Quantile
from primum.store.schemas import FILTER_DECISIONS
from primum.synthesis.consistency import consistent
from primum.synthesis.filters import decide_prompts, decisions_table
from primum.synthesis.informativeness import covariance_determinant, resolve_tau
from primum.synthesis.order import Order
from primum.synthesis.scored import ScoredPrompt

EXACT = Order((math.inf, math.inf), (0.0, 0.0))
score = st.floats(1, 10, allow_nan=False)
vectors = st.lists(st.tuples(score, score), min_size=1, max_size=8)


def scored(candidates, refinements, lost=0, name="p"):
    return ScoredPrompt(
        name,
        {f"c{i}": c for i, c in enumerate(candidates)},
        {f"r{i}": r for i, r in enumerate(refinements)},
        lost,
    )


@given(st.lists(st.tuples(score, score), min_size=3, max_size=8))
def test_the_determinant_is_numpy_s_sample_covariance(candidates):
    expected = np.linalg.det(np.cov(np.asarray(candidates), rowvar=False, ddof=1))
    got = covariance_determinant(candidates)
    assert got >= 0
    assert got == pytest.approx(expected, abs=1e-8)


def test_degenerate_candidates_have_determinant_exactly_zero():
    assert covariance_determinant([(3.0, 4.0)] * 5) == 0.0
    assert covariance_determinant([(1.0, 0.1), (2.0, 0.1), (3.0, 0.1)]) == 0.0
    assert covariance_determinant([(1.0, 2.0), (3.0, 7.0)]) == 0.0
    assert covariance_determinant([(1.0, 2.0)]) is None


@given(st.tuples(score, score), vectors)
def test_each_kind_of_consistency_implies_the_next_weaker_one(refinement, candidates):
    strict = consistent(refinement, candidates, "strict", EXACT)
    pareto = consistent(refinement, candidates, "pareto", EXACT)
    lexicographic = consistent(refinement, candidates, "lexicographic", EXACT)
    assert not strict or pareto
    assert not pareto or lexicographic
    assert consistent(refinement, candidates, "off", EXACT)


def test_strict_consistency_is_the_paper_s():
    assert consistent((8.0, 6.0), [(7.9, 5.9), (1.0, 5.0)], "strict", EXACT)
    assert not consistent((8.0, 6.0), [(8.0, 5.0)], "strict", EXACT)
    assert not consistent((8.0, 6.0), [(7.0, 9.0)], "strict", EXACT)


def test_what_the_weaker_kinds_allow():
    assert consistent((8.0, 5.0), [(7.0, 5.0)], "pareto", EXACT)
    assert not consistent((8.0, 5.0), [(8.0, 5.0)], "pareto", EXACT)
    assert not consistent((8.0, 1.0), [(7.0, 9.0)], "pareto", EXACT)
    assert consistent((8.0, 1.0), [(7.0, 9.0)], "lexicographic", EXACT)
    assert not consistent((8.0, 1.0), [(8.0, 1.0)], "lexicographic", EXACT)
    assert consistent((1.0, 1.0), [(8.0, 1.0)], "off", EXACT)
    # The order's bins count for both: 7.4 and 7.0 are the same there.
    binned = Order((math.inf, math.inf), (1.0, 0.0))
    assert not consistent((7.4, 5.0), [(7.0, 5.0)], "pareto", binned)
    assert not consistent((7.4, 5.0), [(7.0, 6.0)], "lexicographic", binned)


SPREAD = [(2.0, 3.0), (4.0, 3.5), (3.0, 6.0)]
NARROW = [(2.0, 3.0), (2.5, 3.0), (2.0, 3.5)]


@pytest.mark.parametrize(
    ("prompt", "settings", "reason"),
    [
        (scored(SPREAD, [(9, 9)]), Denoising(tau=100), None),
        (scored(SPREAD, [(9, 5)]), Denoising(tau=100), "inconsistent"),
        (scored(SPREAD, [(9, 9)]), Denoising(tau=0.01), "unstable (det Σ > τ)"),
        (scored(NARROW, [(9, 9)]), Denoising(tau=0.001), "unstable (det Σ > τ)"),
        (scored([(2, 2)] * 3, [(9, 9)]), Denoising(tau=1), "uninformative (det Σ = 0)"),
        (scored([(2, 2)], [(9, 9)]), Denoising(tau=1), "too few scored candidates"),
        (scored(SPREAD, []), Denoising(tau=100), "no refinement"),
        (scored(SPREAD, [], lost=1), Denoising(tau=100), "refinement score missing"),
        (scored([], [(9, 9)]), Denoising(tau=100), "candidate scores missing"),
        (scored(SPREAD, []), Denoising(consistency="off", tau=100), None),
        (
            scored([(2, 2)] * 3, [(9, 9)]),
            Denoising(informativeness=False),
            None,
        ),
    ],
)
def test_every_reason_to_drop_a_prompt(prompt, settings, reason):
    [decision] = decide_prompts([prompt], settings, EXACT)
    assert decision.reason == reason
    assert decision.kept == (reason is None)


def test_a_consistent_refinement_stands_before_a_better_looking_one():
    prompt = scored(SPREAD, [(9.5, 5.0), (5.0, 7.0)])
    [decision] = decide_prompts([prompt], Denoising(tau=100), EXACT)
    assert decision.refinement_id == "r1"
    assert decision.kept


def test_what_is_consistent_is_asked_as_the_recipe_asks_it():
    # The first dominates all candidates, but equals the highest on the second objective.
    prompt = scored(SPREAD, [(9.0, 6.0), (5.0, 7.0)])
    chosen = {}
    for kind in ("strict", "pareto"):
        [decision] = decide_prompts([prompt], Denoising(consistency=kind, tau=100), EXACT)
        assert decision.kept
        chosen[kind] = decision.refinement_id
    assert chosen == {"strict": "r1", "pareto": "r0"}


def test_of_consistent_refinements_one_that_ended_stands_for_all():
    prompt = replace(scored(SPREAD, [(9, 9), (8, 8), (7, 1)]), cut=frozenset({"r0"}))
    [decision] = decide_prompts([prompt], Denoising(tau=100), EXACT)
    assert decision.refinement_id == "r1"
    # One that ended but is not better than the candidates shows nothing, and r0 is taken.
    prompt = replace(prompt, cut=frozenset({"r0", "r1"}))
    [decision] = decide_prompts([prompt], Denoising(tau=100), EXACT)
    assert (decision.refinement_id, decision.kept) == ("r0", True)


def test_a_quantile_of_all_prompts_bounds_each_of_them():
    prompts = [
        scored([(width * a, width * b) for a, b in SPREAD], [(99, 99)], name=f"p{width}")
        for width in (1, 2, 3)
    ]
    found = list(decide_prompts(prompts, Denoising(tau=Quantile(quantile=0.5)), EXACT))
    assert [decision.kept for decision in found] == [True, True, False]
    assert {decision.tau for decision in found} == {found[1].determinant}


def test_a_table_without_prompts_has_its_columns():
    assert decisions_table([]).schema == FILTER_DECISIONS


def test_tau_as_a_quantile_is_that_of_the_positive_determinants():
    settings = Denoising(tau=Quantile(quantile=0.5))
    assert resolve_tau([None, 0.0, 1.0, 2.0, 9.0], settings) == 2.0
    assert resolve_tau([None, 0.0], settings) == 0.0
    assert resolve_tau([1.0], Denoising(informativeness=False)) is None


def test_three_objectives():
    order = Order((math.inf,) * 3, (0.0,) * 3)
    candidates = [(1.0, 2.0, 3.0), (2.0, 1.0, 3.5), (3.0, 3.0, 1.0), (1.5, 4.0, 2.0)]
    prompt = scored(candidates, [(9.0, 9.0, 9.0)])
    [decision] = decide_prompts([prompt], Denoising(tau=1000), order)
    assert decision.kept
