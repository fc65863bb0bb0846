"""Engines side by side on a local Ray cluster: nothing lost, nothing twice, nothing different."""

import os
import signal
import time
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primum.engines.base import ChooseRequest, GenerateRequest, RepresentRequest, SamplingParams
from primum.engines.build import build_engine
from primum.engines.ray import cluster
from primum.engines.ray.cluster import Share, share_per_replica
from primum.engines.ray.engine import RayEngine, shards
from primum.engines.recorded import RecordedEngine
from primum.errors import UserError
from primum.messages import Message
from primum.recipe.schema import EngineSettings
from primum.store.calls import CallStore
from tests.engines.ray.scripts import REFUSED, broken, scripted

PARAMS = SamplingParams(1.0, 1.0, 8)


def generation(seed: int) -> GenerateRequest:
    return GenerateRequest((Message("user", f"question {seed % 5}"),), PARAMS, seed, "test")


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("replicas") / "log"


@pytest.fixture(scope="module")
def two(log):
    pytest.importorskip("ray")
    engine = RayEngine(partial(scripted, log, 0.05), 2, cluster="local")
    yield engine
    engine.close()


def told(log: Path) -> list[tuple[int, int]]:
    return [(int(pid), int(seed)) for pid, seed in map(str.split, log.read_text().splitlines())]


@pytest.mark.slow
def test_a_killed_worker_loses_nothing_and_repeats_nothing(two, log, tmp_path):
    # So many that the worker is up again before the other one has answered them all.
    requests = [generation(seed) for seed in range(100, 400)]
    victim, at_kill, indices = 0, 0, []
    with CallStore(tmp_path / "calls.sqlite") as store:
        recorded = RecordedEngine(two, store)
        for index, completion in recorded.generate(requests):
            assert completion.text == f"answer {100 + index} \ud800"
            indices.append(index)
            if not victim and len(indices) >= 20 and len({pid for pid, _ in told(log)}) == 2:
                victim, at_kill = told(log)[-1][0], len(indices)
                os.kill(victim, signal.SIGKILL)
        assert sorted(indices) == list(range(300))
        assert store.count() == {"test": 300}
        # Nothing is asked of a worker for a second time.
        before = len(told(log))
        assert len(dict(recorded.generate(requests))) == 300
        assert len(told(log)) == before
    assert 0 < at_kill < 300
    pids = {pid for pid, _ in told(log)}
    assert len(pids) == 3, "the killed worker did not come up again"
    # Only what the killed worker had finished in its last half second was made again.
    made = Counter(seed for _, seed in told(log))
    again = [seed for seed, times in made.items() if times > 1]
    assert all(times <= 2 for times in made.values())
    assert all((victim, seed) in told(log) for seed in again)
    assert len(again) <= 15


@pytest.mark.slow
def test_a_killed_task_of_ray_data_costs_no_answer(two, log):
    requests = [generation(seed) for seed in range(200, 280)]
    indices, killed = [], []
    for index, _ in two.generate(requests):
        indices.append(index)
        if len(indices) >= 5 and not killed:
            killed = [
                process
                for process in psutil.Process().children(recursive=True)
                if "dispatch" in " ".join(process.cmdline())
            ][:1]
            for process in killed:
                process.kill()
    assert killed
    assert sorted(indices) == list(range(80))


@pytest.mark.slow
def test_it_says_and_answers_what_a_single_engine_does(two, log):
    one = scripted(log)
    assert (two.fingerprint, two.layers, two.context) == ("scripted-one", 4, 512)
    messages = (Message("user", "how do you do"), Message("assistant", "well"))
    assert two.count(messages) == one.count(messages)
    choose = [ChooseRequest(messages, ("a",) * k, "c") for k in range(1, 20)]
    represent = [RepresentRequest(messages * k, (1,), "r") for k in range(1, 20)]
    for ours, theirs in (
        (two.choose(choose), one.choose(choose)),
        (two.represent(represent), one.represent(represent)),
    ):
        got, expected = dict(ours), dict(theirs)
        assert got.keys() == expected.keys()
        for index, values in expected.items():
            np.testing.assert_array_equal(got[index], values)
    assert list(two.generate([])) == []


@pytest.mark.slow
def test_a_mistake_in_a_worker_is_the_users_sentence(two):
    with pytest.raises(UserError) as raised:
        list(two.generate([generation(seed) for seed in (1, REFUSED, 3)]))
    assert str(raised.value) == "seed 13 is refused; take another"


@pytest.mark.slow
def test_an_engine_that_cannot_be_built_and_one_that_makes_way(two, log):
    import ray

    failing = RayEngine(broken, 2, cluster="local")
    with pytest.raises(UserError) as raised:
        failing.generate([generation(1)]).__next__()
    assert str(raised.value) == "there is no model folder /nowhere; check the path"
    failing.close()
    assert not two._running
    two.close()
    assert not ray.is_initialized()
    deadline = time.monotonic() + 10
    while any(map(_alive, {pid for pid, _ in told(log)})) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(_alive, {pid for pid, _ in told(log)}))


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}/exe").exists()


@given(
    st.lists(st.text("ab ", max_size=4), max_size=200),
    st.integers(1, 6),
)
def test_shards_hold_every_request_once(texts, replicas):
    requests = {
        index: GenerateRequest((Message("user", text),), PARAMS, index, "t")
        for index, text in enumerate(texts)
    }
    cut = shards(requests, replicas)
    together = [pair for shard in cut for pair in shard]
    assert sorted(index for index, _ in together) == list(range(len(texts)))
    assert all(requests[index] is request for index, request in together)
    openings = [request.messages[0].content for _, request in together]
    assert openings == sorted(openings)
    sizes = [len(shard) for shard in cut]
    assert sizes == sorted(sizes, reverse=True)
    assert replicas > 1 or len(cut) <= 1


@pytest.mark.parametrize(
    ("hosts", "device", "replicas", "gpus_each", "share"),
    [
        ([{"CPU": 8}], "auto", 2, 1, Share(4, 0)),
        ([{"CPU": 8}], "cpu", 3, 1, Share(2, 0)),
        ([{"CPU": 16}, {"CPU": 16}], "auto", 3, 1, Share(8, 0)),
        ([{"CPU": 16, "GPU": 4}, {"CPU": 2}], "auto", 4, 1, Share(1, 1)),
        ([{"CPU": 16, "GPU": 4}] * 2, "cuda", 4, 2, Share(1, 2)),
        ([{"CPU": 16, "GPU": 4}], "cpu", 2, 1, Share(8, 0)),
    ],
)
def test_what_a_replica_asks_for(hosts, device, replicas, gpus_each, share):
    assert share_per_replica(hosts, device, replicas, gpus_each) == share


@pytest.mark.parametrize(
    ("hosts", "device", "replicas", "gpus_each", "message"),
    [
        ([{"CPU": 8}], "cuda", 1, 1, "can hold 0 engines"),
        ([{"CPU": 8, "GPU": 3}] * 2, "auto", 3, 2, "can hold 2 engines of 2 GPU each (6 GPUs on 2"),
        ([{"CPU": 2}], "auto", 3, 1, "has 2 CPUs"),
    ],
)
def test_a_cluster_that_is_too_small(hosts, device, replicas, gpus_each, message):
    with pytest.raises(UserError) as raised:
        share_per_replica(hosts, device, replicas, gpus_each)
    assert message in str(raised.value)


def test_without_ray_the_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    engine = build_engine(EngineSettings(replicas=2), "anything")
    with pytest.raises(UserError, match=r"pip install '\.\[ray\]'"):
        engine.fingerprint  # noqa: B018


def test_one_card_cannot_be_named_for_several_workers():
    with pytest.raises(UserError, match=r"write engine\.device=cuda"):
        build_engine(EngineSettings(replicas=2, device="cuda:1"), "anything")


def test_a_cluster_that_does_not_answer():
    pytest.importorskip("ray")
    with pytest.raises(UserError, match="'auto' could not be joined"):
        cluster.connect("auto", 2)
