"""`primum init`: what it writes loads and runs, whatever a user says of the domain."""

import json
import shlex
import subprocess
import sys

import pytest

import primum
from primum.constitution import check_constitution, load_constitution
from primum.prompts import load_prompts
from primum.recipe import load_recipe
from primum.setup.init import ask_answers, parse_answers, write_domain
from tests.run.scripted_align import scripted_engine
from tests.run.small_job import FAST

BUNDLED = "bundled:smollm2-135m"


@pytest.mark.parametrize(
    "domain",
    [
        "tenants' questions to a law centre",
        "patients: # of a clinic",
        '"quoted" {flow: [x]} & *anchor !tag | > % @',
        "- a list\n  key: value\n...\n---",
        "\\n 'single' \\x00",
        "Fragen von Mietern ü 法律 🙂",
        "no",
        "12",
    ],
)
def test_whatever_is_said_stays_a_text(tmp_path, domain):
    write_domain(tmp_path, parse_answers(domain, "harmless", BUNDLED))
    constitution = load_constitution(tmp_path / "constitution.yaml")
    said = " ".join(domain.split())
    assert constitution.description == said
    assert all(said.rstrip(".") in one.principles[0] for one in constitution.objectives)
    assert [found for found in check_constitution(constitution) if found.severity == "error"] == []
    assert load_recipe(tmp_path / "recipe.yaml").name == constitution.name
    prompts = load_prompts(tmp_path / "prompts.jsonl", heldout=0.2, seed=0).prompts
    assert sum(prompt.split == "heldout" for prompt in prompts) >= 10


@pytest.mark.parametrize(
    ("domain", "first", "order"),
    [
        ("tenants", "harmless", ("harmless", "helpful")),
        ("tenants", "Honest", ("honest", "helpful")),
        ("patients of a clinic", "harmless", ("harmless", "honest", "helpful")),
        ("patients of a clinic", "honest", ("honest", "harmless", "helpful")),
        ("tenants", "honest, harmless, helpful", ("honest", "harmless", "helpful")),
    ],
)
def test_the_order_is_the_users(tmp_path, domain, first, order):
    write_domain(tmp_path, parse_answers(domain, first, BUNDLED))
    constitution = load_constitution(tmp_path / "constitution.yaml")
    assert tuple(one.name for one in constitution.objectives) == order


@pytest.mark.parametrize(
    ("domain", "first", "model", "said"),
    [
        (" ", "harmless", BUNDLED, "--domain is empty"),
        ("x" * 301, "harmless", BUNDLED, "--domain has 301 letters"),
        ("a\x1b[31mb", "harmless", BUNDLED, "cannot be seen"),
        ("x", "harmles", BUNDLED, "did you mean harmless"),
        ("x", "helpful", BUNDLED, "name what comes before help"),
        ("x", "honest,honest", BUNDLED, "names an objective twice"),
        ("x", "honest", " ", "--model is"),
    ],
)
def test_what_cannot_be_used_is_told(domain, first, model, said):
    with pytest.raises(primum.UserError, match=said):
        parse_answers(domain, first, model)


def test_prompts_of_the_domain_come_first(tmp_path):
    write_domain(tmp_path, parse_answers("a law centre", "harmless", BUNDLED))
    rows = [json.loads(line) for line in (tmp_path / "prompts.jsonl").read_text().splitlines()]
    legal = [row for row in rows if row["category"] == "legal"]
    assert len(legal) == len(rows) / 2
    assert len({row["category"] for row in rows}) > 5


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (BUNDLED, "probe"),
        ("Qwen/Qwen2.5-0.5B-Instruct", "probe"),
        ("meta-llama/Llama-3.1-8B-Instruct", "rating-expected"),
        ("somebody/unknown", "rating-expected"),
    ],
)
def test_the_recipe_suits_the_model(tmp_path, model, kind):
    write_domain(tmp_path, parse_answers("x", "harmless", model))
    assert load_recipe(tmp_path / "recipe.yaml").judging.kind == kind


@pytest.mark.parametrize(
    "name", ["recipe.yaml", "constitution.yaml", "prompts.jsonl", "exemplars/helpful/equal.jsonl"]
)
def test_nothing_is_overwritten(tmp_path, name):
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(primum.UserError, match="is there already"):
        write_domain(tmp_path, parse_answers("x", "harmless", BUNDLED))
    assert (tmp_path / name).read_text() == "mine"
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [tmp_path / name]


def test_questions_are_asked_until_they_are_answered():
    replies = iter(["tenants", "helpful", "honest", ""])
    shown = []

    def reply(question):
        shown.append(question)
        return next(replies)

    answers = ask_answers(None, None, None, reply)
    assert (answers.domain, answers.order) == ("tenants", ("honest", "helpful"))
    assert answers.model == BUNDLED
    assert "name what comes before help" in shown[2]


def test_answers_that_end_write_nothing():
    def reply(question):
        raise EOFError

    with pytest.raises(primum.UserError, match="nothing was written"):
        ask_answers("x", None, None, reply)


def command(folder, *words):
    return subprocess.run(
        [sys.executable, "-m", "primum", "init", *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_without_a_terminal_one_sentence_names_the_flags(tmp_path):
    found = command(tmp_path, "new", "--domain", "x")
    assert found.returncode == 2
    assert found.stderr == (
        "primum: there is no terminal to ask in; say --first, --model, or --yes for the defaults\n"
    )
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_what_is_written_runs(tiny_folder, tmp_path):
    """The command that is printed, word for word, but for settings that make it quick."""
    found = command(tmp_path, "a clinic", "--yes", "--model", str(tiny_folder))
    assert found.returncode == 0, found.stderr
    audit, align = map(shlex.split, found.stdout.splitlines()[-2:])
    assert audit[:2] == ["primum", "audit"]
    named = dict(zip(align[3::2], align[4::2], strict=True))
    outcome = primum.align(
        tmp_path / align[2],
        model=named["--model"],
        constitution=tmp_path / named["--constitution"],
        recipe=tmp_path / named["--recipe"],
        out=tmp_path / named["--out"],
        overrides=(*FAST, "judging.kind=rating-expected", "max_prompts=6", "max_heldout=10"),
        engine=lambda model: scripted_engine(model, tmp_path / "log"),
    )
    assert (outcome.path / "report.html").is_file()
