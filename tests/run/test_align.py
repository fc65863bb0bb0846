"""The whole run on a tiny model, through Python and through the real command."""

import json
import os
import re
import subprocess
import sys

import pyarrow.parquet as pq
import pytest
import yaml

import primum
from primum import UserError
from primum.engines.models.loading import model_fingerprint
from tests.run.scripted_align import scripted_engine
from tests.run.small_job import (
    FAST,
    PROMPTS,
    TABLES,
    command,
    share_of_distinct_answers,
    write_constitution,
)
from tests.tiny import save_tiny


@pytest.fixture
def constitution(tmp_path):
    return write_constitution(tmp_path / "kind-useful.yaml")


def run(tiny_folder, constitution, out, *settings):
    return primum.align(
        PROMPTS,
        model=str(tiny_folder),
        constitution=constitution,
        out=out,
        overrides=(*FAST, *settings),
    )


@pytest.mark.parametrize(
    "judging",
    [
        "judging.kind=rating-expected",
        "judging.kind=probe",
        "judging={kind: probe, kinds: {useful: rating-expected}, wordings: 2, model: base}",
    ],
)
def test_the_whole_run_and_what_it_leaves(tiny_folder, constitution, tmp_path, judging):
    out = tmp_path / "run"
    outcome = run(tiny_folder, constitution, out, judging)
    for name in (*(f"{table}.parquet" for table in TABLES), "manifest.json", "recipe.yaml"):
        assert (out / name).exists(), name
    for name in ("calls.sqlite", "evaluation.json", "report.html", "README.md"):
        assert (out / name).stat().st_size > 0, name
    assert (outcome.model / "adapter_config.json").exists()
    assert outcome.gate.verdict in ("pass", "hold", "fail")
    answers = pq.read_table(out / "answers.parquet").to_pylist()
    assert len({row["prompt_id"] for row in answers if row["answerer"] == "after"}) == 10
    judged = pq.read_table(out / "judgements.parquet").to_pylist()
    assert {row["objective"] for row in judged} == {"kind", "useful"}
    assert {"teacher", "examiner"} <= {row["judge"] for row in judged}
    responses = pq.read_table(out / "responses.parquet").to_pylist()
    assert sum(r["kind"] == "candidate" for r in responses) == 8 * 4
    assert len({r["system_prompt"] for r in responses}) > 1
    ids = {r["response_id"] for r in responses}
    for pair in pq.read_table(out / "pairs.parquet").to_pylist():
        assert {pair["chosen_id"], pair["rejected_id"]} <= ids
    manifest = json.loads((out / "manifest.json").read_text())
    assert set(manifest["stages"]) >= {"synthesis", "filters", "pairs", "train", "evaluate"}


def test_a_finished_run_does_nothing_and_a_changed_delta_starts_at_the_pairs(
    tiny_folder, constitution, tmp_path
):
    out = tmp_path / "run"
    first = run(tiny_folder, constitution, out)
    assert "synthesis" in first.executed
    assert run(tiny_folder, constitution, out).executed == ()
    pairs = pq.read_table(out / "pairs.parquet").column("margin").to_pylist()
    delta = sorted(pairs)[len(pairs) // 2]
    assert min(pairs) < delta
    changed = run(tiny_folder, constitution, out, f"pairing.delta={delta}")
    # Stages after training run only if the answers came out different.
    assert changed.executed[:2] == ("pairs", "train")
    assert not {"prompts", "synthesis", "filters"} & set(changed.executed)
    assert min(pq.read_table(out / "pairs.parquet").column("margin").to_pylist()) >= delta


def test_the_second_round_starts_from_the_first_one_s_model(tiny_folder, constitution, tmp_path):
    out, loaded = tmp_path / "run", []

    def load(model):
        loaded.append(model)
        return scripted_engine(model, tmp_path / "log")

    primum.align(
        PROMPTS,
        model=str(tiny_folder),
        constitution=constitution,
        out=out,
        overrides=(*FAST, "iterations=2"),
        engine=load,
    )
    first, last = out / "iteration-1" / "model", out / "model"
    assert list(dict.fromkeys(loaded)) == [str(model) for model in (tiny_folder, first, last)]
    trained = [model_fingerprint(str(model)) for model in (tiny_folder, first, last)]
    assert len(set(trained)) == 3
    seeds = [
        set(pq.read_table(folder / "responses.parquet").column("seed").to_pylist())
        for folder in (first.parent, out)
    ]
    assert not seeds[0] & seeds[1]


def test_the_command_says_what_came_of_it(tiny_folder, constitution, tmp_path):
    out = tmp_path / "run"
    done = subprocess.run(
        command(str(tiny_folder), constitution, out),
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "120"},
    )
    assert done.returncode == 0, done.stderr
    assert "report.html" in done.stdout
    assert "kind" in done.stdout
    assert re.search(r"sample\s+32 done", done.stderr)
    again = subprocess.run(
        command(str(tiny_folder), constitution, out), capture_output=True, text=True
    )
    assert "Nothing to do" in again.stdout
    gate = subprocess.run(
        [sys.executable, "-m", "primum", "gate", str(out)], capture_output=True, text=True
    )
    verdict = json.loads((out / "evaluation.json").read_text())["verdict"]
    assert gate.returncode == {"pass": 0, "fail": 1, "hold": 3}[verdict]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (["sampling.n=1"], "sampling.n is 1 and the constitution 'kind-useful' has 2 objectives"),
        (["sampling.n=2"], "set sampling.n to at least 3"),
        (["max_heldout=9"], "9 of 18 prompts are held out (max_heldout=9)"),
        (["refinement.n=0", "denoising.consistency=strict"], "refinement.n is 0"),
        (["pairing.thresholds={brave: 5}"], "'brave'"),
        (["pairing.thresholds={kind: 70}"], "pairing.thresholds names 70 for 'kind', which is"),
        (["pairing.thresholds={kind: 0.5}"], "outside the scale of the constitution"),
        (["gate.margins={brave: 5}"], "'brave'"),
        (["judging.kinds={useful: probe, knid: probe}"], "did you mean kind?"),
        (["judging.kind=python"], "judging.function"),
        (["smapling.n=3"], "sampling"),
        (["pairing.delta=100"], "lower pairing.delta"),
        (["denoising.tau=1e-30"], "unstable"),
        (["sampling.max_tokens=2040"], "context of 2048"),
        (["training.lora.targets=[nope]"], "LlamaForCausalLM cannot take the adapter"),
    ],
)
def test_a_mistake_is_one_sentence(tiny_folder, constitution, tmp_path, settings, message):
    with pytest.raises(UserError, match=re.escape(message)) as raised:
        run(tiny_folder, constitution, tmp_path / "run", *settings)
    assert "\n" not in str(raised.value)


def test_a_threshold_without_marks_is_refused_before_anything_is_drawn(
    tiny_folder, constitution, tmp_path
):
    content = yaml.safe_load(constitution.read_text())
    content["objectives"][0]["threshold"] = 7
    constitution.write_text(yaml.safe_dump(content))
    with pytest.raises(UserError, match="'kind' has a threshold of 7, but 0 single answers"):
        run(tiny_folder, constitution, tmp_path / "run", "judging.kind=probe")
    assert not (tmp_path / "run").exists()


def test_a_template_that_loses_a_turn_is_refused_before_the_first_call(constitution, tmp_path):
    template = "{% for m in messages if m.role != 'user' %}{{ m.content }}{% endfor %}"
    folder = save_tiny(tmp_path / "model", template=template)
    lost = r"the prompt \w{16} \('.+'…\) cannot be asked: .* leaves it out"
    with pytest.raises(UserError, match=lost):
        run(folder, constitution, tmp_path / "run")


def test_the_command_prints_a_mistake_without_a_traceback(tiny_folder, constitution, tmp_path):
    done = subprocess.run(
        command(str(tiny_folder), constitution, tmp_path / "run", "sampling.n=1"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("primum: ")


def test_a_directory_of_another_constitution_is_refused(tiny_folder, constitution, tmp_path):
    out = tmp_path / "run"
    run(tiny_folder, constitution, out)
    with pytest.raises(UserError, match="another constitution"):
        primum.align(PROMPTS, model=str(tiny_folder), out=out, overrides=FAST)


def test_few_prompts_are_drawn_from_all_over_the_file(tiny_folder):
    from primum.run.inputs import prepare_inputs

    job = prepare_inputs(
        "seed", str(tiny_folder), "harmless-helpful", None, ("max_prompts=48", "max_heldout=32")
    )
    assert (len(job.train), len(job.heldout)) == (48, 32)
    for prompts in (job.train, job.heldout):
        assert len({prompt.category for prompt in prompts}) >= 6


def primum_command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "primum", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "140"},
    )


@pytest.mark.slow
def test_the_command_says_what_a_run_will_cost_and_then_did(tiny_folder, constitution, tmp_path):
    out = tmp_path / "run"
    job = command(str(tiny_folder), constitution, out)[3:]
    table = primum_command(*job, "--dry-run")
    assert table.returncode == 0, table.stderr
    for word in ("sample", "evaluate", "Time: about", "Memory for training", "Disk"):
        assert word in table.stdout
    figures = json.loads(primum_command(*job, "--dry-run", "--json").stdout)
    assert not out.exists()
    assert primum_command(*job).returncode == 0
    used = primum_command("calls", out)
    assert used.returncode == 0, used.stderr
    for word in ("synthesis", "judge", "The run is finished"):
        assert word in used.stdout
    content = json.loads(primum_command("calls", out, "--json").stdout)
    # An answer that training did not change is judged once by each judge. Both sides of twelve
    # contrasts, on which two judges are tried on two objectives, are all different.
    [judged] = [
        line["calls"]
        for line in figures["calls"]
        if line["stage"] == "evaluate" and line["purpose"] == "judge"
    ]
    tried = 2 * 2 * 2 * 12
    saved = round((1 - share_of_distinct_answers(out)) * (judged - tried))
    assert content["total"]["calls"] == figures["total"]["calls"] - saved
    assert content["finished"]
    wrong = primum_command("calls", tmp_path)
    assert wrong.returncode == 2
    assert "holds no run" in wrong.stderr
    alone = primum_command(*job, "--json")
    assert alone.returncode == 2
    assert "--json goes with --dry-run" in alone.stderr
