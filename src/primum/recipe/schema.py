"""The recipe: every setting of a run, with its default and its meaning."""

from typing import Literal

from pydantic import Field, model_validator

from primum.languages.en import ENGLISH
from primum.recipe.combination import Combination
from primum.recipe.preferences import Denoising, Pairing
from primum.recipe.section import Section
from primum.recipe.server import OpenAIServer
from primum.recipe.tracking import Tracking
from primum.recipe.training import Training


class Sampling(Section):
    """How candidates are drawn from the model (docs/method.md, step 1)."""

    n: int = Field(4, ge=1, description="Candidates per prompt.")
    temperature: float = Field(1.0, gt=0, description="Softmax temperature.")
    top_p: float = Field(1.0, gt=0, le=1, description="Nucleus mass kept.")
    max_tokens: int = Field(512, ge=1, description="Longest response, in tokens.")
    thinking: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Whether the model thinks before it answers, where its template lets one "
        "choose (docs/thoughts.md); refinements, training and evaluation follow; auto leaves it "
        "to the template.",
    )
    system_prompts: tuple[str, ...] = Field(
        ENGLISH.system_prompts,
        min_length=1,
        description="Candidates cycle through these; an empty one is the model's own default. "
        "Where the recipe names none, they are in the constitution's language.",
    )


class Refinement(Section):
    """How the improved response is drawn (docs/method.md, step 3)."""

    n: int = Field(1, ge=0, description="Refinements drawn per prompt; the best one is kept.")
    temperature: float = Field(0.7, gt=0, description="Softmax temperature.")
    top_p: float = Field(1.0, gt=0, le=1, description="Nucleus mass kept.")
    max_tokens: int = Field(512, ge=1, description="Longest refinement, in tokens.")
    principles: bool = Field(
        True, description="Whether the request quotes the principles beside the definitions."
    )


JudgeKind = Literal["rating-expected", "rating-text", "probe", "reward-model", "python"]


class RewardModel(Section):
    """A sequence-classification model that scores one objective."""

    model: str = Field(min_length=1, description="A local folder or a hub name.")
    label: str | None = Field(
        None, description="Which of its labels is meant, where it has several."
    )
    lower_is_better: bool = Field(
        False, description="Whether it is a cost: a lower output is a better response."
    )


class Judging(Section):
    """How responses are scored on each objective (docs/judges.md)."""

    kind: JudgeKind = Field("rating-expected", description="The kind of judge.")
    kinds: dict[str, JudgeKind] = Field(
        default_factory=dict,
        description="Per objective: another kind than `judging.kind`.",
    )
    model: str = Field(
        "policy",
        min_length=1,
        description="Who judges: the model being aligned (policy), the model that the first round "
        "started from (base), another model by its name, or openai:NAME, the model of that name "
        "at engine.openai.base_url.",
    )
    wordings: int = Field(
        1,
        ge=1,
        le=4,
        description="rating-expected, rating-text: the average over so many wordings of the "
        "question (the scale counted the other way round, other words, both).",
    )
    shots: int = Field(
        0,
        ge=0,
        description="rating-expected, rating-text: so many of the constitution's exemplars stand "
        "in the question, with their ratings.",
    )
    retries: int = Field(
        2,
        ge=0,
        description="rating-text: further tries, with other seeds, if none is read.",
    )
    max_tokens: int = Field(
        256, ge=1, description="rating-text: longest reply of the judge, in tokens."
    )
    thought_tokens: int = Field(
        2048,
        ge=0,
        description="rating-text: so many more for a judge that thinks before it replies.",
    )
    thoughts: bool = Field(
        False,
        description="Whether thoughts are scored too, apart from the answers (docs/thoughts.md).",
    )
    reward_models: dict[str, RewardModel] = Field(
        default_factory=dict,
        description="reward-model: per objective, `model` (a local folder or a hub name), `label` "
        "(which of its labels, where it has several) and `lower_is_better` (for a cost model).",
    )
    function: str | None = Field(
        None,
        description="python: your function as module:function; takes the prompt's messages and "
        "the response, and returns a score per objective.",
    )


class Evaluation(Section):
    """Answers of the model before and after, on held-out prompts."""

    temperature: float = Field(0.0, ge=0, description="0 takes the most likely token.")
    max_tokens: int = Field(512, ge=1, description="Longest answer, in tokens.")
    system_prompt: str = Field(
        "",
        description="The system prompt under which both models answer, as the aligned one will be "
        "used; below a prompt's own where it has one. Judges do not see it.",
    )
    bootstrap: int = Field(10_000, ge=100, description="Bootstrap resamples.")
    confidence: float = Field(0.95, gt=0.5, lt=1, description="Level of the intervals.")


class Guards(Section):
    """What no objective names, and must not be lost (docs/gate.md)."""

    form: bool = Field(
        True,
        description="Whether answers came to begin alike, repeat, lengthen, shorten, break off, "
        "fall silent, change language, echo the prompt, or refuse; asks no model.",
    )
    refusals: bool = Field(
        False,
        description="Have both models answer primum's own prompts that sound dangerous and are "
        "not, plain ones, and those of people in distress: how many are refused.",
    )
    likelihood: bool = Field(
        False,
        description="How likely the starting model finds the new answers, and the new model the "
        "former ones.",
    )
    ability: tuple[str, ...] = Field(
        (),
        description="Tests of ability: mmlu, a file of such questions (.jsonl, .jsonl.gz), or any "
        "task of lm-eval (primum[eval]): right answers before and after, paired by question.",
    )
    questions: int | None = Field(
        1000,
        ge=1,
        description="Most questions of each test, drawn from all over it (of a task of lm-eval the "
        "first ones); null asks all.",
    )
    margins: dict[str, float] = Field(
        default_factory=dict,
        description="Per guard: the loss, in its unit, that still counts as none.",
    )


class Gate(Section):
    """What counts as proof that nothing was lost."""

    margins: dict[str, float] = Field(
        default_factory=dict,
        description="Per objective: the fall, in points of the scale, that still counts as none.",
    )
    margin: float = Field(0.2, ge=0, description="The margin where none is named.")
    judges: dict[str, Judging] = Field(
        default_factory=dict,
        description="Further examiners by a name of your own, each with the settings of judging, "
        "such as {second: {kind: rating-text, model: openai:NAME}}. The one that shares as little "
        "as possible with the teacher always examines (docs/gate.md).",
    )
    preference_margin: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Of people's labels: the net share that may prefer the former answers and "
        "still counts as no fall.",
    )
    guards: Guards = Guards()


class VllmSettings(Section):
    """What the vllm engine alone needs."""

    tensor_parallel: int = Field(1, ge=1, description="Cards that share every layer.")
    memory: float | None = Field(
        None,
        gt=0,
        le=1,
        description="Share of a card's (or of the main) memory for weights and key-value cache; "
        "null: 0.9 of a card, 0.3 of main memory.",
    )
    max_length: int | None = Field(
        None,
        ge=2,
        description="Longest conversation with its answer, in tokens; null: the model's own.",
    )


class EngineSettings(Section):
    """Where the model runs."""

    kind: Literal["transformers", "vllm", "openai"] = Field(
        "transformers", description="The engine; see docs/engines.md."
    )
    batch_size: int = Field(64, ge=1, description="Sequences generated side by side.")
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "auto", description="Number format of weights; auto: bfloat16 where the hardware has it."
    )
    device: str = Field("auto", description="auto, cpu, cuda, cuda:1, mps.")
    trust_remote_code: bool = Field(False, description="Run code that a model repository brings.")
    replicas: int = Field(
        1, ge=1, description="Engines side by side, each in a worker of a Ray cluster."
    )
    cluster: str | None = Field(
        None,
        min_length=1,
        description="Address of the Ray cluster, such as auto or ray://head:10001; local: this "
        "machine alone. Without it RAY_ADDRESS, or else local.",
    )
    vllm: VllmSettings = VllmSettings()
    openai: OpenAIServer = OpenAIServer()

    @model_validator(mode="after")
    def _server_named(self) -> "EngineSettings":
        if self.kind == "openai" and self.openai.base_url is None:
            raise ValueError(
                "kind is openai, but no server is named; set engine.openai.base_url, such as "
                "http://127.0.0.1:8000/v1"
            )
        return self


class Recipe(Section):
    """Every setting of a run."""

    name: str = Field("default", description="A name for tables and reports.")
    seed: int = Field(0, ge=0, description="The seed that every other one is derived from.")
    seeds: int = Field(
        1,
        ge=1,
        le=10,
        description="Models trained on the same pairs, each from another seed; the gate decides "
        "over prompts and seeds together.",
    )
    method: Literal["train", "untouched", "system-prompt", "best-of-n", "self-refinement"] = Field(
        "train",
        description="What makes the better answers: training; or nothing is trained, and they are "
        "the starting model's own, its own under the constitution as system prompt, the best of "
        "sampling.n by the judge, or its refinement of those (docs/methods.md).",
    )
    iterations: int = Field(1, ge=1, le=4, description="Runs of the method, one on another.")
    round_prompts: Literal["same", "new"] = Field(
        "same",
        description="Whether every further round samples from the same prompts, or from new ones: "
        "max_prompts for each round, or an even part of all.",
    )
    heldout: float = Field(
        0.2, gt=0, lt=1, description="Share of prompts held out where the file names no split."
    )
    max_prompts: int | None = Field(None, ge=1, description="Draw only so many training prompts.")
    max_heldout: int | None = Field(None, ge=2, description="Draw only so many held-out prompts.")
    engine: EngineSettings = EngineSettings()
    sampling: Sampling = Sampling()
    refinement: Refinement = Refinement()
    judging: Judging = Judging()
    examined_as: Judging | None = Field(
        None,
        description="Settings of judging, for methods with different judges that are to be "
        "examined by the same ones: the examiners are chosen as if this judge had made the pairs. "
        "primum compare sets it to the common recipe's. null: as judging.",
    )
    denoising: Denoising = Denoising()
    pairing: Pairing = Pairing()
    combination: Combination = Combination()
    training: Training = Training()
    evaluation: Evaluation = Evaluation()
    gate: Gate = Gate()
    tracking: Tracking = Tracking()
