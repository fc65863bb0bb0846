"""Whether the model thinks is one setting, for candidates, refinements and evaluation alike."""

import pytest

from primum.engines.base import Completion
from primum.engines.scripted import ScriptedEngine
from primum.evaluation.answers import answer
from primum.progress import Silent
from primum.recipe.schema import Evaluation, Refinement, Sampling
from primum.synthesis.refine import refine
from primum.synthesis.sample import sample
from tests.synthesis.goals import GOALS, prompt

PROMPTS = [prompt("p", ("user", "p"))]
UNCLOSED = "the thought was not closed"


class Thinker(ScriptedEngine):
    """Thinks before it answers; the last one of its candidates never stops."""

    def generate(self, requests):
        for at, request in enumerate(requests):
            self.answer(request)
            if request.purpose == "sample" and at == len(requests) - 1:
                yield at, Completion("", 9, "length", "secret", UNCLOSED)
            else:
                yield at, Completion(f"answer {at}", 9, "stop", "secret")


@pytest.mark.parametrize("thinking", ["auto", "on", "off"])
def test_the_wish_is_the_same_everywhere_and_refinements_see_answers_alone(thinking):
    asked = {}
    engine = Thinker(answer=lambda request: str(asked.setdefault(request.purpose, request)))
    sampling = Sampling(n=3, system_prompts=("",), thinking=thinking)
    drawn = sample(engine, PROMPTS, sampling, seed=0, progress=Silent())
    assert [response.thought for response in drawn] == ["secret"] * 3
    assert [response.missing for response in drawn] == [None, None, UNCLOSED]
    scores = {r.response_id: (1.0,) * len(GOALS.objectives) for r in drawn if not r.missing}
    refine(
        engine,
        PROMPTS,
        {"p": drawn},
        scores,
        GOALS,
        Refinement(n=1),
        seed=0,
        progress=Silent(),
        thinking=sampling.thinking,
    )
    shown = asked["refine"].messages[0].content
    assert "answer 1" in shown
    assert "secret" not in shown
    settings = {"seed": 0, "stage": "answer", "progress": Silent(), "thinking": thinking}
    answer(engine, PROMPTS, Evaluation(), **settings)
    wishes = {purpose: request.sampling.thinking for purpose, request in asked.items()}
    assert wishes == {"sample": thinking, "refine": thinking, "evaluate": thinking}
