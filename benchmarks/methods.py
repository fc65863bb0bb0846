"""Every method on three public sets of prompts, judged by judges that no run saw.

For each set and seed, `primum compare` runs all methods, in runs/bench/methods. Then judges that
are fitted on human labels judge the same answers: `words`, linear on TF-IDF of words and letters,
and one for each of --judge-models, linear on the states of another model than the one that was
trained: of a chat model or of a sentence encoder. None saw a prompt of any run. Figures:

- `judge_accuracy_JUDGE_OBJECTIVE`: held-out pairs in the order that people gave them, first of all;
  `judge_length_…`: how its score goes with length.
- `gain_METHOD_OBJECTIVE_JUDGE`: by set and seed, in deviations of the answers before.
- `gate_passed_rose_JUDGE`, `gate_passed_fell_JUDGE`: share of the runs that the gate passed in
  which the first objective rose or fell clear of zero.
- `spa_rank_hh5`, `spa_rank_hh20`: SPA's place by HH_λ of the mean gain of the judges, over the
  seeds, among the methods that do not sample many answers.
- `methods_rows`, `soup_front_seconds`, `shared_calls`: see `methods_costs`.

The first seed runs on every set, the others on the first set alone. After every set and seed, what
is finished goes into results/methods_runs.jsonl, without any text, and from there into
docs/results.md. Runs that are in that file are not made again, on whichever machine, unless their
settings or prompts have changed or a judge is asked for that has not judged them. --keep puts what
is finished there, --page writes the page, and neither runs a method.

    python benchmarks/methods.py [--sets safe-rlhf wildguard honeset] [--methods spa dpo …]
        [--seeds 1 2 3] [--model MODEL] [--judge-models MODEL …] [--recipe RECIPE] [--keep | --page]
"""

import argparse
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from figures import figure
from human_labels import DATA
from methods_bench import OUT, Bench, model_name, prompt_file
from methods_costs import report_shared_calls, soup_seconds
from methods_encoder import EncoderFeatures, is_encoder
from methods_gains import Judged, Judges, Origin, judged
from methods_judges import Kind, accuracy, encoder_kind, fit, states_kind, words_kind
from methods_labels import FILES, prompts_of
from methods_page import write_page
from methods_records import ROOT, keep_judges, keep_runs, read_judges, read_runs
from methods_report import (
    report_gains,
    report_judge,
    report_passed,
    report_ranks,
    rows_of_runs,
    set_table,
)
from methods_results import ModelResults, SetTable
from methods_rows import ROWS, Reasons, Work, plan, read
from methods_sets import SETS, parts, write_prompts
from primum.engines.local.engine import TransformersEngine
from primum.engines.recorded import RecordedEngine
from primum.store.calls import CallStore

PAGE = ROOT / "docs" / "results.md"
BUNDLED = "bundled:smollm2-135m"
SEEDS = (1, 2, 3)  # Seed 0 is the one that quickstart was tuned on.
RECIPE = "quickstart+benchmarks/methods.yaml"
KEEP_ALONE = "keep"
PAGE_ALONE = "page"


def main() -> None:
    bench, task = _arguments()
    require_files()
    for prompts in SETS:
        drawn = parts(SETS[prompts].pools(), prompts_of(bench.labels))
        write_prompts(drawn, prompt_file(prompts))
    if task != PAGE_ALONE:
        known = read_judges() if task == KEEP_ALONE else []
        with judges(bench, {(line.judge, line.objective) for line in known}) as scorers:
            for work in plan(bench.sets, bench.seeds):
                if task is None:
                    compare(bench, work)
                keep(bench, work, scorers)
                if task is None:
                    report(bench)
    if task is None:
        first = Work(bench.sets[0], bench.seeds[0])
        report_shared_calls(command(bench, first), OUT)
    report(bench, aloud=True)


def require_files() -> None:
    """Ends the script with a sentence where the public data is absent."""
    wanted = [*FILES, *(name for source in SETS.values() for name in source.files)]
    absent = sorted({name for name in wanted if not (DATA / name).is_file()})
    if absent:
        sys.exit(
            f"this benchmark needs public data in ../shared/data, where {', '.join(absent)} is "
            "absent; bring it first"
        )


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
    """Runs the methods that are not kept yet; where one fails, the others go on.

    Args:
        bench: Names the methods.
        work: Names set and seed.
    """
    there = bench.judged(work)
    methods = [name for name in bench.methods if name not in there]
    if methods:
        out = ("--out", str(bench.folder(work.prompts)))
        whole = [*command(bench, work), *methods, *out]
        subprocess.run(whole, check=False, stdout=sys.stderr, cwd=ROOT)


@contextmanager
def judges(bench: Bench, known: Collection[tuple[str, str]]) -> Iterator[Judges]:
    """The judges, once their accuracy is said; what a chat model reads is kept beside the runs.

    Args:
        bench: Names them.
        known: Judges and objectives whose accuracy need not be measured.
    """
    with CallStore(OUT / f"judges-{bench.name}.sqlite") as calls:
        lines, scorers = [], {}
        for kind in _kinds(bench, calls):
            for objective in _objectives(bench.sets):
                labels = bench.labels[objective]
                if (kind.name, objective) not in known:
                    lines.append(report_judge(kind, objective, accuracy(kind, labels)))
                scorers[kind.name, objective] = fit(kind, labels)
        keep_judges(lines)
        yield scorers


def _kinds(bench: Bench, calls: CallStore) -> Iterator[Kind]:
    yield words_kind()
    for model in bench.judge_models:
        if is_encoder(model):
            yield encoder_kind(model_name(model), EncoderFeatures.load(model))
        else:
            engine = TransformersEngine.from_name(model, batch_size=32)
            yield states_kind(model_name(model), RecordedEngine(engine, calls))


def _objectives(sets: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(name for prompts in sets for name in SETS[prompts].objectives))


def keep(bench: Bench, work: Work, scorers: Judges) -> None:
    """Judges the runs that are finished here and puts them beside those that were kept.

    A run that is judged again has the judges of this command alone, since the one that was kept may
    have been made on another machine, where it answered otherwise.

    Args:
        bench: Says which are wanted.
        work: Names set and seed.
        scorers: The judges.
    """
    there = bench.judged(work)
    wanted = [name for name in bench.methods if name not in there]
    of_set = {key: one for key, one in scorers.items() if key[1] in SETS[work.prompts].objectives}
    inputs = bench.inputs[work.prompts]
    found = read(bench.folder(work.prompts), work.prompts, wanted, [work.seed])
    keep_runs(
        judged(done, of_set, Origin(bench.name, bench.recipe, work.prompts, inputs[done.row]))
        for done in found.runs
    )


def report(bench: Bench, *, aloud: bool = False) -> None:
    """Writes the page from all runs that were kept.

    Args:
        bench: Says which are wanted.
        aloud: Whether figures are printed, too.
    """
    origins = dict.fromkeys((run.origin.model, run.origin.recipe) for run in read_runs())
    own = (bench.name, bench.recipe)
    results = []
    for name, recipe in dict.fromkeys([(model_name(BUNDLED), RECIPE), *origins, own]):
        whole = replace(bench, model=name, recipe=recipe, sets=(*SETS,), methods=ROWS, seeds=SEEDS)
        results.append(model_results(whole, aloud=aloud and (name, recipe) == own))
    write_page(results, PAGE)


def model_results(bench: Bench, *, aloud: bool) -> ModelResults:
    """Everything that was kept about one starting model.

    Args:
        bench: Says which rows are wanted.
        aloud: Whether figures are printed, too.
    """
    tables, soups, runs = [], {}, []
    for prompts in bench.sets:
        kept = bench.kept(prompts)
        runs += kept
        tables.append(_table(bench, prompts, kept, aloud=aloud))
        for seed in bench.seeds_of(prompts):
            seconds = soup_seconds([run for run in kept if run.seed == seed])
            if seconds is not None:
                soups[f"{prompts}, seed {seed}"] = seconds
    if aloud:
        figure("methods_rows", len(runs), "runs", methods=len(bench.methods), model=bench.name)
        for place, seconds in soups.items():
            figure("soup_front_seconds", round(seconds, 1), "s", of=place, model=bench.name)
    used = {judge for run in runs for judge in run.gains}
    return ModelResults(
        model=bench.name,
        recipe=bench.recipe,
        judges=tuple(line for line in read_judges() if line.judge in used),
        sets=tuple(tables),
        passed=report_passed(runs, aloud=aloud),
        soup_seconds=soups,
    )


def _table(bench: Bench, prompts: str, kept: Sequence[Judged], *, aloud: bool) -> SetTable:
    """The table of a set.

    Args:
        bench: Says which rows are wanted.
        prompts: The set.
        kept: Its runs.
        aloud: Whether figures are printed, too.
    """
    source, seeds = SETS[prompts], bench.seeds_of(prompts)
    rows = rows_of_runs(kept, source.objectives)
    if aloud:
        for run in kept:
            report_gains(run)
        report_ranks(rows, prompts, bench.name)
    return set_table(source, rows, _reasons(bench, prompts), bench.methods, seeds)


def _reasons(bench: Bench, prompts: str) -> Reasons:
    """Why runs of a set are not finished, as far as this machine knows."""
    return read(bench.folder(prompts), prompts, bench.methods, bench.seeds_of(prompts)).reasons


def _arguments() -> tuple[Bench, str | None]:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", choices=SETS, default=[*SETS])
    parser.add_argument("--methods", nargs="+", choices=ROWS, default=[*ROWS], metavar="METHOD")
    parser.add_argument("--seeds", type=int, nargs="+", default=[*SEEDS])
    parser.add_argument("--model", default=BUNDLED, help="a name or a folder")
    parser.add_argument(
        "--judge-models", nargs="+", default=[], metavar="MODEL", help="names or folders of others"
    )
    parser.add_argument("--recipe", default=RECIPE, help="what methods are laid over")
    tasks = parser.add_mutually_exclusive_group()
    tasks.add_argument("--keep", dest="task", action="store_const", const=KEEP_ALONE)
    tasks.add_argument("--page", dest="task", action="store_const", const=PAGE_ALONE)
    given = parser.parse_args()
    if model_name(given.model) in map(model_name, given.judge_models):
        parser.error(f"{given.model} cannot judge itself; name another model with --judge-models")
    bench = Bench(
        model=given.model,
        judge_models=tuple(given.judge_models),
        recipe=given.recipe,
        sets=tuple(given.sets),
        methods=tuple(given.methods),
        seeds=tuple(given.seeds),
    )
    return bench, given.task


if __name__ == "__main__":
    main()
