import sqlite3

from primum.store.calls import CallStore, call_key


def test_a_key_depends_on_all_content_and_on_nothing_else():
    assert call_key(a=1, b="x") == call_key(b="x", a=1)
    assert call_key(a=1, b="x") != call_key(a=1, b="y")
    assert call_key(a="\ud800") != call_key(a="?")


def test_more_keys_than_sqlite_takes_at_once(tmp_path):
    keys = [call_key(i=i) for i in range(1700)]
    with CallStore(tmp_path / "c.sqlite") as store:
        store.add((key, "p", b"%d" % i) for i, key in enumerate(keys))
        found = store.find(keys)
    assert found[keys[1699]] == b"1699"
    assert len(found) == 1700


def test_the_store_is_readable_while_it_is_written(tmp_path):
    path = tmp_path / "c.sqlite"
    with CallStore(path) as store:
        store.add([(b"k", "p", b"v")])
        reader = sqlite3.connect(path)
        assert reader.execute("SELECT count(*) FROM calls").fetchone() == (1,)
        store.add([(b"k2", "p", b"v")])
        assert reader.execute("SELECT count(*) FROM calls").fetchone() == (2,)
        reader.close()
