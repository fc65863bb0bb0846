"""Diverse sampling: who is asked what, under which seed."""

from primum.engines.base import Completion, SamplingParams
from primum.messages import Message, with_system
from primum.progress import Silent
from primum.prompts import Prompt
from primum.recipe.schema import Sampling
from primum.seeds import derive_seed
from primum.synthesis.sample import sample
from tests.synthesis.goals import Backwards, Replies, prompt

SETTINGS = Sampling(
    n=3, temperature=0.9, top_p=0.8, max_tokens=40, system_prompts=("", "Be careful.")
)


def drawn(prompts, settings=SETTINGS, seed=0):
    asked = []

    def answer(request):
        asked.append(request)
        return f"  {request.messages[-1].content} {request.seed}\n"

    found = sample(Backwards(answer), prompts, settings, seed=seed, progress=Silent())
    return found, asked


def test_candidates_come_by_prompt_and_index_whatever_finishes_first():
    found, asked = drawn([prompt("p"), prompt("q")])
    assert [one.response_id for one in found] == ["p-c0", "p-c1", "p-c2", "q-c0", "q-c1", "q-c2"]
    assert [(one.prompt_id, one.index) for one in found[2:4]] == [("p", 2), ("q", 0)]
    assert {one.kind for one in found} == {"candidate"}
    assert [one.text for one in found] == [
        f"{request.messages[-1].content} {request.seed}" for request in asked
    ]
    assert [one.seed for one in found] == [request.seed for request in asked]
    assert {request.sampling for request in asked} == {SamplingParams(0.9, 0.8, 40)}
    assert {request.purpose for request in asked} == {"sample"}
    assert (found[0].tokens, found[0].finish) == (3, "stop")


def test_system_prompts_alternate_and_are_kept():
    found, asked = drawn([prompt("p")])
    assert [one.system_prompt for one in found] == ["", "Be careful.", ""]
    assert [request.messages[0].role for request in asked] == ["user", "system", "user"]
    assert asked[1].messages[0] == Message("system", "Be careful.")


OWN = (
    Message("tools", '[{"name": "f"}]'),
    Message("system", "Mine."),
    Message("user", "Hi"),
    Message("system", "Later."),
    Message("user", "So?"),
)


def test_a_system_prompt_of_ours_stands_below_the_prompt_s_own():
    _, _, *turns = OWN
    assert with_system(OWN[1:], "Ours.") == (Message("system", "Mine.\n\nOurs."), *turns)
    assert with_system(OWN[1:], "") == OWN[1:]


def test_tools_stay_in_front():
    tools, _, *turns = OWN
    assert with_system(OWN, "Ours.") == (tools, Message("system", "Mine.\n\nOurs."), *turns)
    assert with_system((tools, *turns), "Ours.") == (tools, Message("system", "Ours."), *turns)
    assert with_system((tools, *turns), "") == (tools, *turns)


def test_a_prompt_with_a_system_prompt_is_sampled_under_ours_too():
    found, asked = drawn([Prompt("p", OWN, None, "train")])
    systems = [request.messages[1].content for request in asked]
    assert systems == ["Mine.", "Mine.\n\nBe careful.", "Mine."]
    assert [one.system_prompt for one in found] == ["", "Be careful.", ""]


def test_a_candidate_keeps_its_thought_its_end_and_why_it_has_no_answer():
    completions = [
        Completion(" A ", 5, "stop", thought="hm"),
        Completion("", 40, "length", thought="hm hm", missing="the thought was never closed"),
        Completion("B", 40, "length"),
    ]
    seeds = [derive_seed(0, "candidate", "p", k) for k in range(3)]
    engine = Replies(lambda request: completions[seeds.index(request.seed)])
    found = sample(engine, [prompt("p")], SETTINGS, seed=0, progress=Silent())
    assert [(r.text, r.thought, r.finish, r.missing) for r in found] == [
        ("A", "hm", "stop", None),
        ("", "hm hm", "length", "the thought was never closed"),
        ("B", None, "length", None),
    ]


def test_seeds_are_those_of_earlier_versions():
    found, _ = drawn([prompt("q")], seed=4)
    assert [one.seed for one in found] == [derive_seed(4, "candidate", "q", k) for k in range(3)]


def test_a_seed_depends_on_the_run_the_prompt_and_the_index_alone():
    alone, _ = drawn([prompt("q")])
    beside, _ = drawn([prompt("p"), prompt("q")])
    assert beside[3:] == alone
    assert len({one.seed for one in beside}) == 6
    other, _ = drawn([prompt("q")], seed=1)
    assert not {one.seed for one in other} & {one.seed for one in alone}
