import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from primum.store.schemas import PAIRS, RESPONSES, SCORES
from primum.synthesis.categories import pairs_by_category, together
from primum.synthesis.responses import Synthesis

NAMES = ("safe", "useful")
kinds = st.sampled_from(["everyday", "<b>", None])
values = st.one_of(st.none(), st.integers(1, 10).map(float))
responses = st.tuples(st.sampled_from(["candidate", "refinement"]), st.tuples(values, values))
rounds = st.lists(
    st.tuples(kinds, st.lists(responses, max_size=4), st.lists(st.sampled_from(NAMES), max_size=6)),
    max_size=6,
)
thresholds = st.tuples(*[st.one_of(st.none(), st.integers(1, 10).map(float))] * 2)


def tables(made, at_once):
    """Categories by prompt id, the scored responses and the pairs, some prompts at a time."""
    categories, parts, pairs = {}, [], []
    for start in range(0, len(made), at_once):
        answered, scored, paired = [], [], []
        for place, (kind, answers, decided) in enumerate(made[start : start + at_once], start):
            categories[f"p{place}"] = kind
            for at, (of, found) in enumerate(answers):
                answered.append(
                    {"response_id": f"{place}-{at}", "prompt_id": f"p{place}", "kind": of}
                )
                scored += [
                    {"response_id": f"{place}-{at}", "objective": name, "value": value}
                    for name, value in zip(NAMES, found, strict=True)
                ]
            paired += [{"prompt_id": f"p{place}", "decided_by": name} for name in decided]
        parts.append(
            Synthesis(
                pa.Table.from_pylist(answered, schema=RESPONSES),
                pa.Table.from_pylist(scored, schema=SCORES),
            )
        )
        pairs.append(pa.Table.from_pylist(paired, schema=PAIRS))
    return categories, parts, pairs


@given(rounds, thresholds, st.integers(1, 4))
def test_every_pair_and_every_candidate_is_counted_in_its_category(made, limits, at_once):
    rows = pairs_by_category(*tables(made, at_once), dict(zip(NAMES, limits, strict=True)))
    assert {row.category for row in rows} == {kind for kind, _, _ in made}
    assert [row.prompts for row in rows] == sorted((row.prompts for row in rows), reverse=True)
    for row in rows:
        of_kind = [one for one in made if one[0] == row.category]
        assert row.prompts == len(of_kind)
        assert row.pairs == sum(len(decided) for _, _, decided in of_kind)
        for place, (one, limit) in enumerate(zip(row.objectives, limits, strict=True)):
            assert (one.objective, one.threshold) == (NAMES[place], limit)
            assert one.decided == sum(
                by == NAMES[place] for _, _, decided in of_kind for by in decided
            )
            found = [
                scores[place]
                for _, answers, _ in of_kind
                for of, scores in answers
                if of == "candidate" and scores[place] is not None
            ]
            assert one.candidates == len(found)
            if limit is None:
                assert one.met is one.share_met is None
            else:
                assert one.met == sum(value >= limit for value in found)
                assert one.share_met == (one.met / len(found) if found else None)


@given(rounds.filter(bool), thresholds)
def test_categories_taken_together_are_those_of_prompts_of_one_kind(made, limits):
    named = dict(zip(NAMES, limits, strict=True))
    rows = pairs_by_category(*tables(made, 2), named)
    alike = [("all", answers, decided) for _, answers, decided in made]
    [expected] = pairs_by_category(*tables(alike, 2), named)
    assert together(rows, "all") == expected
