"""What one command of `methods` is about, and which of its runs were kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from methods_gains import Judged, Origin
from methods_judges import words_kind
from methods_labels import Labels, human_labels
from methods_records import ROOT, inputs_of, read_runs
from methods_rows import Work, plan

OUT = ROOT / "runs" / "bench" / "methods"


@dataclass(frozen=True)
class Bench:
    """What one command is about.

    Attributes:
        model: The starting model.
        judge_models: Whose states judges read, beside the judge that reads words.
        recipe: What methods are laid over.
        sets: In order of their weight.
        methods: Likewise.
        seeds: Likewise.
    """

    model: str
    judge_models: tuple[str, ...]
    recipe: str
    sets: tuple[str, ...]
    methods: tuple[str, ...]
    seeds: tuple[int, ...]

    @property
    def name(self) -> str:
        """The starting model's, for folders and tables."""
        return model_name(self.model)

    @property
    def judges(self) -> tuple[str, ...]:
        """Their names."""
        return (words_kind().name, *map(model_name, self.judge_models))

    @cached_property
    def labels(self) -> dict[str, Labels]:
        """What judges are fitted on."""
        return human_labels()

    @cached_property
    def inputs(self) -> dict[str, Mapping[str, str]]:
        """By set and method, what identifies the inputs of its runs."""
        return {name: inputs_of(self.recipe, name, prompt_file(name)) for name in self.sets}

    def folder(self, prompts: str) -> Path:
        """Where a set's comparison lies."""
        return OUT / f"{prompts}-{self.name}"

    def seeds_of(self, prompts: str) -> list[int]:
        """The seeds that are wanted on a set."""
        return [work.seed for work in plan(self.sets, self.seeds) if work.prompts == prompts]

    def kept(self, prompts: str) -> list[Judged]:
        """The runs of a set that were kept and are wanted, made from the inputs of today."""
        wanted = {
            (Origin(self.name, self.recipe, prompts, self.inputs[prompts][method]), method, seed)
            for method in self.methods
            for seed in self.seeds_of(prompts)
        }
        return [run for run in read_runs() if (run.origin, run.method, run.seed) in wanted]

    def judged(self, work: Work) -> set[str]:
        """Methods whose runs were kept and judged by all judges that are asked for."""
        return {
            run.method
            for run in self.kept(work.prompts)
            if run.seed == work.seed and run.gains.keys() >= {*self.judges}
        }


def prompt_file(prompts: str) -> Path:
    """Where the prompts of a set are written."""
    return OUT / f"{prompts}.jsonl"


def model_name(model: str) -> str:
    """What a model is called in folders and tables: the last part of its name."""
    return Path(model.rpartition(":")[2]).name
