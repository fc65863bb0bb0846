"""`primum evaluate mt-bench`: both turns of several models, rated by one judge."""

import io
import json

import pytest
from rich.console import Console
from typer.testing import CliRunner

import primum
from primum.cli.main import app
from primum.errors import UserError
from primum.progress import Silent
from primum.proof.mt_bench import FIGURES, RATINGS, evaluate_mt_bench
from primum.proof.results.mt_bench import mt_bench_summary
from primum.store.files import read_table
from tests.evaluation.benchmarks.test_mt_bench import GATHERED, written
from tests.proof.made_elsewhere import answer_rows, write_rows


@pytest.fixture
def data(tmp_path):
    return written(tmp_path / "copies", GATHERED)


class Scripted:
    """Models by name: each says its own words; a judge repeats the rating that it reads."""

    def __init__(self):
        self.engines = {}

    def __call__(self, name):
        def answer(request):
            said = request.messages[-1].content
            if request.purpose == "judge mt-bench":
                return "[[8]]" if "better" in said else "[[5]]"
            return {"a": "good", "b": "better"}.get(name, "none")

        engine = primum.ScriptedEngine(answer=answer, fingerprint=name)
        self.engines.setdefault(name, []).append(engine)
        return engine

    def calls(self, name, purpose):
        return sum(engine.calls.get(purpose, 0) for engine in self.engines.get(name, []))


def test_models_beside_the_first(data, tmp_path):
    engines, out = Scripted(), tmp_path / "out"
    found = evaluate_mt_bench(models=["a", "b"], data_dir=data, engine=engines, out=out)
    assert found.judge == "a"
    assert engines.calls("a", "judge mt-bench") == 12
    assert engines.calls("b", "judge mt-bench") == 0
    assert {name: each.overall.value for name, each in found.results.items()} == {"a": 5, "b": 8}
    assert list(found.gains) == ["b"]
    assert found.gains["b"].value == 3
    assert json.loads((out / FIGURES).read_text()) == json.loads(json.dumps(found.to_json()))
    rows = read_table(out / RATINGS).to_pylist()
    assert [row["answerer"] for row in rows] == ["a"] * 6 + ["b"] * 6
    assert {row["answer"] for row in rows} == {"good", "better"}
    assert (out / "recipe.yaml").exists()
    again = Scripted()
    assert evaluate_mt_bench(models=["a", "b"], data_dir=data, engine=again, out=out) == found
    for name in ("a", "b"):
        assert again.calls(name, "mt-bench") + again.calls(name, "judge mt-bench") == 0


def test_the_judge_that_the_recipe_names(data):
    engines = Scripted()
    found = evaluate_mt_bench(
        models=["a"], data_dir=data, engine=engines, overrides=("judging.model=c",)
    )
    assert (found.judge, found.gains) == ("c", {})
    assert engines.calls("c", "judge mt-bench") == 6
    assert engines.calls("a", "judge mt-bench") == 0


def test_the_licence_is_said_first(data):
    class Noting(Silent):
        notes = ()

        def note(self, text):
            self.notes = (*self.notes, text)

    watcher = Noting()
    evaluate_mt_bench(models=["a"], data_dir=data, engine=Scripted(), progress=watcher)
    assert watcher.notes[0] == "mt-bench: 3 questions; licence: Apache-2.0"


def test_a_file_of_answers_has_no_second_turn(data, tmp_path):
    file = str(write_rows(tmp_path / "theirs.jsonl", answer_rows(str, 12)))
    with pytest.raises(UserError, match=r"mt-bench asks models two turns, and .*theirs\.jsonl"):
        evaluate_mt_bench(models=["a", file], data_dir=data, engine=Scripted())


def test_the_tables_fit_and_hold_no_markup(data):
    name = "[red]b" * 12
    found = evaluate_mt_bench(models=["a", name], data_dir=data, engine=Scripted())
    text = io.StringIO()
    Console(file=text, width=80).print(mt_bench_summary(found))
    said = text.getvalue()
    assert "[red]b" in said
    assert "published figures are GPT-4's ratings" in said
    assert max(map(len, said.splitlines())) <= 80


def call(*words):
    return CliRunner().invoke(app, ["evaluate", "mt-bench", *map(str, words)])


@pytest.mark.slow
def test_the_command_asks_a_real_model(tiny_folder, data, tmp_path):
    named = ("-m", tiny_folder, "--data-dir", data, "-o", tmp_path / "out")
    done = call(*named, "--json", "engine.device=cpu", "engine.dtype=float32")
    assert done.exit_code == 0, done.exception
    found = json.loads(done.stdout)
    [model] = found["models"].values()
    # Noise holds no rating, and what is missing is no zero.
    assert (model["overall"]["value"], model["overall"]["missing"]) == (None, 6)
    assert "missing: 6 of 6 ratings of " in found["notes"][1]
    assert "; most often, " in found["notes"][1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--split", "all"), "leave out --split"),
        (("--lambda", "5", "--duels", "none"), "leave out --duels, --lambda"),
        (("--constitution", "medical", "--inspect"), "leave out --constitution, --inspect"),
    ],
)
def test_what_means_nothing_here_is_refused(words, said):
    assert said in str(call("-m", "m", *words).exception)
