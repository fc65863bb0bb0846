import multiprocessing
import sqlite3
import time
from itertools import pairwise
from statistics import median

import pytest

from primum.errors import UserError
from primum.store.calls import CallStore, FinishedCall, Spent, Work, call_key


def finished(name, purpose="p", **facts):
    return FinishedCall(call_key(name=name), purpose, f"answer {name}".encode(), 30, 7, **facts)


def test_a_key_depends_on_all_content_and_on_nothing_else():
    assert call_key(a=1, b="x") == call_key(b="x", a=1)
    assert call_key(a=1, b="x") != call_key(a=1, b="y")
    assert call_key(a="\ud800") != call_key(a="?")


def test_more_keys_than_sqlite_takes_at_once(tmp_path):
    calls = [finished(i) for i in range(1700)]
    with CallStore(tmp_path / "c.sqlite") as store:
        store.add(calls)
        found = store.find([call.key for call in calls])
    assert found[calls[1699].key] == b"answer 1699"
    assert len(found) == 1700


def test_work_is_booked_by_stage_and_purpose(tmp_path):
    with CallStore(tmp_path / "c.sqlite") as store:
        with store.during("synthesis"):
            store.add(
                [finished(1, "sample", seconds=0.5), finished(2, "sample", seconds=1, also=2)]
            )
            store.note_hits({"judge": 4})
        store.add([finished(3, "judge")])
        with store.during("synthesis"):
            store.note_hits({"sample": 3})
    with CallStore(tmp_path / "c.sqlite") as store:
        assert store.work() == (
            Work("synthesis", "sample", 2, 5, 60, 14, 1.5),
            Work("synthesis", "judge", 0, 4, 0, 0, 0),
            Work("", "judge", 1, 0, 30, 7, 0),
        )
        assert store.count() == {"sample": 2, "judge": 1}


def test_what_a_stage_spends_is_the_same_whoever_made_its_calls(tmp_path):
    calls = [finished(at, "sample") for at in range(1200)]
    keys = [call.key for call in calls]
    with CallStore(tmp_path / "c.sqlite") as store:
        with store.during("synthesis") as first:
            store.find(keys)
            store.add(calls)
        with store.during("synthesis") as second:
            # Half of them twice: one question, whose answer is read once.
            store.find([*keys, *keys[:600]])
        with store.during("train") as none, store.during("inner") as inner:
            store.find(keys[:1])
    assert first == second == Spent(prompt_tokens=30 * 1200, answer_tokens=7 * 1200)
    assert (none, inner) == (Spent(), Spent(30, 7))


def test_every_call_says_what_for_how_long_and_when(tmp_path):
    with CallStore(tmp_path / "c.sqlite") as store:
        store.add([finished(1, "sample")])
    rows = sqlite3.connect(tmp_path / "c.sqlite").execute(
        "SELECT purpose, prompt_tokens, answer_tokens, unixepoch(finished) FROM calls"
    )
    [(purpose, prompt, answer, when)] = rows.fetchall()
    assert (purpose, prompt, answer) == ("sample", 30, 7)
    assert abs(when - time.time()) < 60


def test_a_store_of_another_version_is_refused(tmp_path):
    path = tmp_path / "c.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE calls (key BLOB)")
    with pytest.raises(UserError, match="another version of primum"):
        CallStore(path)


def test_a_damaged_store_is_one_sentence(tmp_path):
    (tmp_path / "c.sqlite").write_bytes(b"no database " * 1000)
    with pytest.raises(UserError, match=r"c\.sqlite is damaged"):
        CallStore(tmp_path / "c.sqlite")


def test_a_full_disk_is_one_sentence_and_loses_nothing(tmp_path):
    with CallStore(tmp_path / "c.sqlite") as store:
        store.add([finished(1)])
        store._connection.execute("PRAGMA max_page_count = 8")
        big = [FinishedCall(call_key(name=i), "p", bytes(4000), 1, 1) for i in range(40)]
        with pytest.raises(UserError, match="disk is full"):
            store.add(big)
        assert store.count() == {"p": 1}


def _write(path, names, ready, go):
    with CallStore(path) as store:
        ready.set()
        go.wait(60)
        for name in names:
            store.add([finished(name)])


def _started(context, path, names, go):
    ready = context.Event()
    process = context.Process(target=_write, args=(path, names, ready, go))
    process.start()
    return process, ready


def test_another_process_reads_while_one_writes(tmp_path):
    context = multiprocessing.get_context("spawn")
    path, go = tmp_path / "c.sqlite", context.Event()
    writer, ready = _started(context, path, range(400), go)
    try:
        assert ready.wait(60)
        go.set()
        seen = []
        while writer.is_alive() or not seen:
            with CallStore(path) as store:
                counted = store.count().get("p", 0)
                assert sum(work.calls for work in store.work()) >= counted
                seen.append(counted)
    finally:
        writer.join(60)
    assert writer.exitcode == 0
    assert all(later >= earlier for earlier, later in pairwise(seen))
    with CallStore(path) as store:
        assert store.count() == {"p": 400}


def test_several_workers_add_the_same_and_different_calls(tmp_path):
    context = multiprocessing.get_context("spawn")
    path, go = tmp_path / "c.sqlite", context.Event()
    parts = (range(300), range(150, 450))
    started = [_started(context, path, names, go) for names in parts]
    for _, ready in started:
        assert ready.wait(60)
    go.set()
    for process, _ in started:
        process.join(60)
        assert process.exitcode == 0
    with CallStore(path) as store:
        assert store.count() == {"p": 450}
        [work] = store.work()
        assert work.calls == 600
        keys = [call_key(name=name) for name in range(450)]
        found = store.find(keys)
    assert [found[key] for key in keys] == [b"answer %d" % name for name in range(450)]


def test_a_commit_costs_next_to_nothing(tmp_path):
    with CallStore(tmp_path / "c.sqlite") as store:
        seconds = []
        for name in range(300):
            began = time.perf_counter()
            store.add([finished(name)])
            seconds.append(time.perf_counter() - began)
    # Two tenths of a millisecond where it was measured; a model call takes tens of milliseconds.
    assert median(seconds) < 0.02


@pytest.mark.parametrize(("size", "most"), [(40, 150), (1152, 1500), (2304, 2900)])
def test_calls_take_little_more_room_than_their_answers(tmp_path, size, most):
    path = tmp_path / "c.sqlite"
    with CallStore(path) as store:
        calls = [FinishedCall(call_key(name=i), "judge", bytes(size), 9, 9) for i in range(2000)]
        store.add(calls)
    assert path.stat().st_size / len(calls) < most
