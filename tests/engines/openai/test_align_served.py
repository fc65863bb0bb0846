"""A whole run that samples, refines and judges on a server and trains here."""

import json

import pyarrow.parquet as pq
import pytest

import primum
from primum.engines.local.engine import TransformersEngine
from primum.errors import UserError
from tests.engines.openai.honest import honest
from tests.engines.openai.serving import Answer, completion, serving, tokens
from tests.run.test_align import FAST, PROMPTS, constitution

__all__ = ["constitution"]  # A fixture.

NINE = "scale: [1, 9]"
GREETINGS = 2  # One for the synthesis, and one after training.
JUDGES, OBJECTIVES = 2, 2  # The teacher and the default examiner.
TRIED = 24  # Both sides of twelve contrasts per objective.
# All responses by the teacher, what both judges are tried on, and one look at each greeting. Then
# the answers before, after and twice again; those after are judged once where they are the same.
OTHERS = OBJECTIVES * (8 * 4 + 8) + JUDGES * OBJECTIVES * TRIED + GREETINGS
LEAST = OTHERS + JUDGES * OBJECTIVES * 3 * 10
MOST = OTHERS + JUDGES * OBJECTIVES * 4 * 10


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("primum.engines.openai.retrying._FIRST", 0.002)


@pytest.fixture
def goals(constitution):
    # Digits alone: of the twenty likeliest tokens of a random model few are ratings.
    constitution.write_text(constitution.read_text() + NINE + "\n")
    return constitution


def align(tiny_folder, goals, out, url, *settings):
    return primum.align(
        PROMPTS,
        model=str(tiny_folder),
        constitution=goals,
        out=out,
        overrides=(*FAST, f"engine.openai.base_url={url}", *settings),
    )


def purposes(asked):
    """How many requests were to write an answer, and how many to choose one token."""
    choosing = sum(body.get("logprobs", False) for body in asked)
    return len(asked) - choosing, choosing


def test_a_run_on_a_server(tiny_folder, goals, tmp_path, monkeypatch):
    monkeypatch.setattr("primum.engines.openai.top_logprobs.LISTED", 400)
    local = TransformersEngine.from_name(str(tiny_folder), device="cpu", dtype="float32")
    out = tmp_path / "run"
    with serving(honest(local), models=("served",)) as served:
        settings = ("engine.kind=openai", "engine.openai.served_model=served")
        outcome = align(tiny_folder, goals, out, served.url, *settings)
    assert {body["model"] for body in served.asked} == {"served"}
    assert outcome.gate.verdict in ("pass", "hold", "fail")
    # 8 prompts × 4 candidates and one refinement; the answers before and after come from here.
    answers, choices = purposes(served.asked)
    assert answers == 8 * 4 + 8 + GREETINGS
    assert LEAST <= choices <= MOST
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["stages"]["synthesis"]["facts"]["missing_scores"] == 0
    # All is finished: the server may be gone.
    assert align(tiny_folder, goals, out, served.url, *settings).executed == ()


def test_the_judge_alone_on_a_server(tiny_folder, goals, tmp_path):
    def handle(body, before):
        length = len(body["messages"][-1]["content"])
        return tokens({str(1 + (length + k) % 9): -0.5 - k for k in range(3)})

    with serving(handle, models=("big-judge",)) as served:
        align(tiny_folder, goals, tmp_path / "run", served.url, "judging.model=openai:big-judge")
    assert {body["model"] for body in served.asked} == {"big-judge"}
    answers, choices = purposes(served.asked)
    assert answers == GREETINGS
    assert LEAST <= choices <= MOST
    scores = pq.read_table(tmp_path / "run" / "scores.parquet")
    assert scores.column("value").null_count == 0
    assert "big-judge" in (tmp_path / "run" / "report.html").read_text()


def test_a_judge_on_a_server_can_be_audited(goals):
    def handle(body, before):
        kind = 8 if "A kind answer" in body["messages"][-1]["content"] else 3
        return tokens({str(kind): -0.2, "5": -2.0})

    with serving(handle, models=("big-judge",)) as served:
        found = primum.audit(
            model="openai:big-judge",
            constitution=goals,
            overrides=(f"engine.openai.base_url={served.url}",),
        )
    assert {body["model"] for body in served.asked} == {"big-judge"}
    assert [objective.objective for objective in found.objectives] == ["kind", "useful"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (("engine.kind=openai", "judging.kind=probe"), "hidden states"),
        (("engine.kind=openai", "judging.kinds={kind: probe}"), "hidden states"),
        (("judging.model=openai:x", "judging.kind=probe"), "hidden states"),
        (("engine.kind=openai", "iterations=2"), "iterations is 2"),
    ],
)
def test_what_a_server_cannot_do_is_said_before_anything_is_asked(
    tiny_folder, goals, tmp_path, settings, words
):
    with (
        serving(lambda body, before: completion()) as served,
        pytest.raises(UserError, match=words) as raised,
    ):
        align(tiny_folder, goals, tmp_path / "run", served.url, *settings)
    assert "\n" not in str(raised.value)
    assert served.asked == []
    assert not (tmp_path / "run").exists()


def test_a_judge_on_a_server_needs_an_address(tiny_folder, goals, tmp_path):
    with pytest.raises(UserError, match=r"engine\.openai\.base_url"):
        primum.align(
            PROMPTS,
            model=str(tiny_folder),
            constitution=goals,
            out=tmp_path / "run",
            overrides=(*FAST, "judging.model=openai:judge"),
        )


def test_a_model_on_a_server_cannot_be_trained(goals, tmp_path):
    with pytest.raises(UserError, match="cannot be trained there"):
        primum.align(PROMPTS, model="openai:x", constitution=goals, out=tmp_path / "run")


def test_a_server_without_log_probabilities_ends_a_run_before_it_is_paid_for(
    tiny_folder, goals, tmp_path
):
    with (
        serving(lambda body, before: completion()) as served,
        pytest.raises(UserError, match="rating-text"),
    ):
        align(tiny_folder, goals, tmp_path / "run", served.url, "engine.kind=openai")
    assert len(served.asked) == 2
    assert all(body["max_tokens"] == 1 for body in served.asked)


@pytest.mark.slow
def test_a_server_that_dies_is_gone_on_with(tiny_folder, goals, tmp_path, monkeypatch):
    monkeypatch.setattr("primum.engines.openai.top_logprobs.LISTED", 400)
    local = TransformersEngine.from_name(str(tiny_folder), device="cpu", dtype="float32")
    right, answered = honest(local), []

    def handle(body, before):
        if len(answered) > 20 and not restarted:
            return Answer(b"", 503)
        answered.append(str(body))
        return right(body, before)

    out, restarted = tmp_path / "run", False
    settings = ("engine.kind=openai", "engine.openai.retries=1")
    with serving(handle, models=()) as served:
        with pytest.raises(UserError, match="same command again"):
            align(tiny_folder, goals, out, served.url, *settings)
        restarted = True
        align(tiny_folder, goals, out, served.url, *settings)
        paid = [text for text in answered if "Hello" not in text]
        assert len(paid) == len(set(paid)) >= 2 * (8 * 4 + 8)
        # Another pace makes no call again, and trains no model again.
        changed = align(
            tiny_folder, goals, out, served.url, *settings, "engine.openai.concurrency=3"
        )
    assert "synthesis" in changed.executed
    assert "train" not in changed.executed
    assert [text for text in answered if "Hello" not in text] == paid
