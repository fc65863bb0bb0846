"""The candidates from which an answer is chosen or made, with the teacher's scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from primum.constitution import Constitution
from primum.engines.base import Completion, Engine
from primum.judging import Judge, complete
from primum.progress import Progress
from primum.prompts import Prompt
from primum.recipe.schema import Sampling
from primum.synthesis.responses import Response
from primum.synthesis.sample import sample
from primum.synthesis.scored import ScoreVector
from primum.synthesis.synthesise import by_prompt, judged

NONE_SCORED = "no candidate was scored"
"""Why a prompt has no answer."""


@dataclass(frozen=True)
class Candidates:
    """Candidates for the answers to some prompts.

    Attributes:
        drawn: The candidates by prompt id.
        scores: Their scores by response id; those with a missing score are absent.
    """

    drawn: Mapping[str, Sequence[Response]]
    scores: Mapping[str, ScoreVector]

    def scored(self, prompt_id: str) -> list[Response]:
        """The candidates of a prompt that have all their scores."""
        return [each for each in self.drawn[prompt_id] if each.response_id in self.scores]

    def tokens(self, prompt_id: str) -> int:
        """Tokens written for all candidates of a prompt."""
        return sum(each.tokens for each in self.drawn[prompt_id])


@dataclass(frozen=True, slots=True)
class AnswerAtCost:
    """An answer, and what it took.

    Attributes:
        completion: The answer.
        tokens: Tokens written in all, those of other candidates included.
    """

    completion: Completion
    tokens: int


def draw_candidates(
    engine: Engine,
    judge: Judge,
    prompts: Sequence[Prompt],
    constitution: Constitution,
    sampling: Sampling,
    *,
    seed: int,
    progress: Progress,
) -> Candidates:
    """Draws candidates and has the teacher score them; whatever is made of them, the calls are one.

    Args:
        engine: Runs the model itself.
        judge: The teacher. It sees the prompts as they are, without a system prompt of ours.
        prompts: What is answered.
        constitution: The objectives.
        sampling: How many are drawn, and how.
        seed: The run's seed.
        progress: Is told of every model call.
    """
    messages = {prompt.prompt_id: prompt.messages for prompt in prompts}
    drawn = sample(engine, prompts, sampling, seed=seed, progress=progress)
    objectives = len(constitution.objectives)
    scores = judged(judge, drawn, messages, objectives, "judge candidates", progress)
    return Candidates(by_prompt(drawn), complete(scores))


def as_completion(response: Response) -> Completion:
    """A response as an answer."""
    return Completion(
        response.text, response.tokens, response.finish, response.thought, response.missing
    )


def no_answer(reason: str) -> Completion:
    """An answer that is missing, with the reason."""
    return Completion("", 0, "stop", missing=reason)
