"""Every method on three public sets of prompts, judged by judges that no run saw.

For each set and seed, `primum compare` runs all methods, in runs/bench/methods. It goes on where it
was, so that the benchmark may be stopped and started again. Then two judges that are fitted on
human labels judge the same answers: `states`, linear on the hidden states of another model than the
one that was trained (--judge-model; the bundled one, where that is not it), and `words`, linear on
TF-IDF of words and letters. Neither saw a prompt of any run. Figures:

- `judge_accuracy_JUDGE_OBJECTIVE`: held-out pairs in the order that people gave them, first of all;
  `judge_length_…`: how its score goes with length.
- `gain_METHOD_OBJECTIVE_JUDGE`: by set and seed, in deviations of the answers before.
- `spa_rank_hh5`, `spa_rank_hh20`: SPA's place by HH_λ of the mean gain of the judges, over the
  seeds, among the methods that do not sample many answers.
- `methods_rows`, `soup_front_seconds`, `shared_calls`: see `methods_costs`.

The first seed runs on every set, the others on the first set alone. docs/results.md is written
after every set and seed; --page writes it from what is there, and runs nothing.

    python benchmarks/methods.py [--sets safe-rlhf wildguard honeset] [--methods spa dpo …]
        [--seeds 1 2 3] [--model MODEL] [--judge-model FOLDER] [--recipe RECIPE] [--page]
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from figures import figure
from human_labels import DATA
from methods_costs import report_shared_calls, soup_seconds
from methods_gains import judged
from methods_judges import Kind, Scorer, accuracy, fit, states_kind, words_kind
from methods_labels import FILES, Labels, human_labels, prompts_of
from methods_page import STATES, write_page
from methods_report import report_gains, report_judge, report_ranks, rows_of_runs, set_table
from methods_results import JudgeLine, ModelResults, SetTable, read_results, write_results
from methods_rows import ROWS, Found, Work, plan, read
from methods_sets import SETS, parts, write_prompts
from primum.engines.local.engine import TransformersEngine
from primum.engines.recorded import RecordedEngine
from primum.store.calls import CallStore

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "runs" / "bench" / "methods"
PAGE = ROOT / "docs" / "results.md"
BUNDLED = "bundled:smollm2-135m"
SEEDS = (1, 2, 3)  # Seed 0 is the one that quickstart was tuned on.
RECIPE = "quickstart+benchmarks/methods.yaml"


@dataclass(frozen=True)
class Bench:
    """What one command is about.

    Attributes:
        model: The starting model.
        judge_model: Whose hidden states one judge reads; None for no such judge.
        recipe: What methods are laid over.
        sets: In order of their weight.
        methods: Likewise.
        seeds: Likewise.
    """

    model: str
    judge_model: str | None
    recipe: str
    sets: tuple[str, ...]
    methods: tuple[str, ...]
    seeds: tuple[int, ...]

    @property
    def name(self) -> str:
        """The starting model's, for folders and tables."""
        return model_name(self.model)

    @cached_property
    def labels(self) -> dict[str, Labels]:
        """What judges are fitted on."""
        return human_labels()

    def folder(self, prompts: str) -> Path:
        """Where a set's comparison lies."""
        return OUT / f"{prompts}-{self.name}"

    def seeds_of(self, prompts: str) -> list[int]:
        """The seeds that are wanted on a set."""
        return [work.seed for work in plan(self.sets, self.seeds) if work.prompts == prompts]


@dataclass(frozen=True)
class FittedJudges:
    """The judges, ready to judge.

    Attributes:
        scorers: By judge and objective.
        lines: How good they are.
    """

    scorers: Mapping[tuple[str, str], Scorer]
    lines: tuple[JudgeLine, ...]

    @property
    def names(self) -> list[str]:
        """In their order."""
        return list(dict.fromkeys(judge for judge, _ in self.scorers))


def main() -> None:
    bench, page_alone = _arguments()
    require_files(bench.sets)
    for prompts in bench.sets:
        drawn = parts(SETS[prompts].pools(), prompts_of(bench.labels))
        write_prompts(drawn, prompt_file(prompts))
    with judges(bench) as fitted:
        if not page_alone:
            for work in plan(bench.sets, bench.seeds):
                compare(bench, work)
                report(bench, fitted)
            first = bench.sets[0]
            report_shared_calls(command(bench, Work(first, bench.seeds[0])), OUT)
        report(bench, fitted, aloud=True)


def require_files(sets: Sequence[str]) -> None:
    """Ends the script with a sentence where the public data is absent."""
    wanted = [*FILES, *(name for prompts in sets for name in SETS[prompts].files)]
    absent = sorted({name for name in wanted if not (DATA / name).is_file()})
    if absent:
        sys.exit(
            f"this benchmark needs public data in ../shared/data, where {', '.join(absent)} is "
            "absent; bring it, or leave sets out with --sets"
        )


def prompt_file(prompts: str) -> Path:
    """Where the prompts of a set are written."""
    return OUT / f"{prompts}.jsonl"


def command(bench: Bench, work: Work) -> list[str]:
    """`primum compare`, but for methods and folder.

    Args:
        bench: Names model and recipe.
        work: Names set and seed.
    """
    return [
        *(sys.executable, "-m", "primum", "compare"),
        *("--recipe", bench.recipe, "--model", bench.model),
        *("--prompts", str(prompt_file(work.prompts))),
        *("--constitution", SETS[work.prompts].constitution, "--seeds", str(work.seed)),
    ]


def compare(bench: Bench, work: Work) -> None:
    """Runs all methods on a set with a seed; where one fails, the others go on.

    Args:
        bench: Names the methods.
        work: Names set and seed.
    """
    out = ("--out", str(bench.folder(work.prompts)))
    whole = [*command(bench, work), *bench.methods, *out]
    subprocess.run(whole, check=False, stdout=sys.stderr, cwd=ROOT)


@contextmanager
def judges(bench: Bench) -> Iterator[FittedJudges]:
    """The judges, once their accuracy is said; what a model reads is kept beside the runs."""
    with CallStore(OUT / f"judges-{bench.name}.sqlite") as calls:
        lines, scorers = [], {}
        for kind in _kinds(bench, calls):
            for objective in _objectives(bench.sets):
                labels = bench.labels[objective]
                lines.append(report_judge(kind, objective, accuracy(kind, labels)))
                scorers[kind.name, objective] = fit(kind, labels)
        yield FittedJudges(scorers, tuple(lines))


def _kinds(bench: Bench, calls: CallStore) -> Iterator[Kind]:
    if bench.judge_model is not None:
        engine = TransformersEngine.from_name(bench.judge_model, batch_size=32)
        about = model_name(bench.judge_model)
        yield states_kind(STATES, about, RecordedEngine(engine, calls))
    yield words_kind()


def _objectives(sets: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(name for prompts in sets for name in SETS[prompts].objectives))


def report(bench: Bench, fitted: FittedJudges, *, aloud: bool = False) -> None:
    """Writes the page from all runs that are there.

    Args:
        bench: Says which are wanted.
        fitted: Judge them.
        aloud: Whether figures are printed, too.
    """
    tables, soups, count = [], {}, 0
    for prompts in bench.sets:
        seeds = bench.seeds_of(prompts)
        held = read(bench.folder(prompts), prompts, bench.methods, seeds)
        for seed in seeds:
            seconds = soup_seconds([done for done in held.runs if done.run.seed == seed])
            if seconds is not None:
                soups[f"{prompts}, seed {seed}"] = seconds
        count += len(held.runs)
        tables.append(_table(bench, prompts, held, fitted, aloud=aloud))
    if aloud:
        figure("methods_rows", count, "runs", methods=len(bench.methods), model=bench.name)
        for place, seconds in soups.items():
            figure("soup_front_seconds", round(seconds, 1), "s", of=place, model=bench.name)
    results = ModelResults(bench.name, bench.recipe, fitted.lines, tuple(tables), soups)
    write_results(results, OUT / f"results-{bench.name}.json")
    write_page(read_results(sorted(OUT.glob("results-*.json"))), PAGE)


def _table(
    bench: Bench, prompts: str, held: Found, fitted: FittedJudges, *, aloud: bool
) -> SetTable:
    """The table of a set.

    Args:
        bench: Says which rows are wanted.
        prompts: The set.
        held: Its comparison.
        fitted: The judges.
        aloud: Whether figures are printed, too.
    """
    source = SETS[prompts]
    found = [judged(done, _of_set(fitted, prompts)) for done in held.runs]
    rows = rows_of_runs(found, source.objectives)
    if aloud:
        for one in found:
            report_gains(one, bench.name)
        report_ranks(rows, prompts, bench.name)
    return set_table(source, rows, held, bench.methods, fitted.names, bench.seeds_of(prompts))


def _of_set(fitted: FittedJudges, prompts: str) -> dict[tuple[str, str], Scorer]:
    objectives = SETS[prompts].objectives
    return {key: scorer for key, scorer in fitted.scorers.items() if key[1] in objectives}


def model_name(model: str) -> str:
    """What a model is called in folders and tables: the last part of its name."""
    return Path(model.rpartition(":")[2]).name


def _arguments() -> tuple[Bench, bool]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", choices=SETS, default=[*SETS])
    parser.add_argument("--methods", nargs="+", choices=ROWS, default=[*ROWS], metavar="METHOD")
    parser.add_argument("--seeds", type=int, nargs="+", default=[*SEEDS])
    parser.add_argument("--model", default=BUNDLED, help="a name or a folder")
    parser.add_argument("--judge-model", help="a name or a folder of another model")
    parser.add_argument("--recipe", default=RECIPE, help="what methods are laid over")
    parser.add_argument("--page", action="store_true", help="run nothing")
    given = parser.parse_args()
    judge_model = given.judge_model or (None if given.model == BUNDLED else BUNDLED)
    if judge_model is not None and model_name(judge_model) == model_name(given.model):
        parser.error(f"{given.model} cannot judge itself; name another model with --judge-model")
    bench = Bench(
        model=given.model,
        judge_model=judge_model,
        recipe=given.recipe,
        sets=tuple(given.sets),
        methods=tuple(given.methods),
        seeds=tuple(given.seeds),
    )
    return bench, given.page


if __name__ == "__main__":
    main()
