"""What the server answers, and what it does not."""

import json
import socket

import pytest

from primum.errors import UserError
from primum.run.layout import CALLS
from primum.store.calls import CallStore
from primum.view import shelf
from primum.view.folders import find
from primum.view.server import ViewServer
from tests.view.made import (
    HOSTILE,
    make_comparison,
    make_finished,
    make_run,
    write_pairs,
    write_progress,
)
from tests.view.serving import ask, serving

METHODS = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def ids(root):
    return {found.place: found.id for found in find(root).found}


@pytest.fixture
def root(tmp_path):
    """A folder with a finished run and one that goes on, and a secret beside it."""
    (tmp_path / "secret.html").write_text("the secret")
    root = tmp_path / "root"
    make_finished(root / "first")
    write_progress(make_run(root / "second", "prompts"))
    return root


@pytest.fixture
def server(root):
    with serving(root) as server:
        yield server


def test_the_pages(root, server):
    response, body = ask(server, "/")
    assert response.status == 200
    assert response.getheader("Content-Type") == "text/html; charset=utf-8"
    first, second = (ids(root)[name] for name in ("first", "second"))
    assert f'href="/page/{first}/report.html"' in body
    assert f'href="/run/{second}"' in body
    response, body = ask(server, f"/page/{first}/report.html")
    assert (response.status, "the report" in body) == (200, True)
    assert int(response.getheader("Content-Length")) == len(body.encode())
    response, body = ask(server, f"/run/{second}")
    assert (response.status, "Step 2 of 6, synthesis." in body) == (200, True)


def test_the_states(root, server):
    response, body = ask(server, "/state/")
    assert response.getheader("Content-Type") == "application/json; charset=utf-8"
    assert [row["name"] for row in json.loads(body)["rows"]] == ["second", "first"]
    body = ask(server, f"/state/run/{ids(root)['second']}")[1]
    assert json.loads(body)["run"]["state"] == "running"
    body = ask(server, f"/state/run/{ids(root)['first']}")[1]
    assert json.loads(body)["links"][0]["text"] == "report"


def test_every_answer_is_guarded(root, server):
    first = ids(root)["first"]
    for path in ("/", "/state/", f"/run/{first}", f"/page/{first}/report.html", "/absent"):
        response, _ = ask(server, path)
        policy = response.getheader("Content-Security-Policy")
        assert policy.startswith("default-src 'none'; "), path
        assert "frame-ancestors 'none'" in policy
        assert response.getheader("X-Content-Type-Options") == "nosniff"
        assert response.getheader("Cache-Control") == "no-store"
        assert response.getheader("Cross-Origin-Resource-Policy") == "same-origin"
        assert response.getheader("Access-Control-Allow-Origin") is None
        assert "Python" not in response.getheader("Server")
    assert "'unsafe" not in ask(server, "/")[0].getheader("Content-Security-Policy")


def test_a_page_of_the_folder_has_no_way_to_this_server(root, server):
    """Anybody may have made it."""
    response, _ = ask(server, f"/page/{ids(root)['first']}/report.html")
    policy = response.getheader("Content-Security-Policy")
    assert "connect-src" not in policy
    assert "sandbox" in policy
    assert "allow-same-origin" not in policy


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.html",
        "/%2e%2e/secret.html",
        "/..%2fsecret.html",
        "/%2e%2e%2fsecret.html",
        "/page/../secret.html",
        "/page/{id}/../../../secret.html",
        "/page/{id}/..%2f..%2fsecret.html",
        "/page/{id}/manifest.json",
        "/page/{id}/audit.html",
        "/page/{id}/index.html",
        "/page/{id}/report.html/",
        "/page/{id}/REPORT.html",
        "/page/{id}/report.html\\..\\secret.html",
        "/page/0000000000000000/report.html",
        "/page//report.html",
        "/run/0000000000000000",
        "/run/{id}/",
        "/state/run/0000000000000000",
        "/state",
        "/first/report.html",
        "//secret.html",
        "/favicon.ico",
        "/page/{id}/report.html%00",
        "//[",
    ],
)
def test_nothing_else_is_there(root, server, path):
    response, body = ask(server, path.replace("{id}", ids(root)["first"]))
    assert response.status == 404
    assert "secret" not in body
    assert "Traceback" not in body
    assert body.count("\n") == 1


def test_a_link_out_of_the_folder_is_not_followed(tmp_path, root):
    outside = make_finished(tmp_path / "outside", "the secret")
    (root / "outside").symlink_to(outside)
    report = root / "first" / "report.html"
    with serving(root) as server:
        assert "outside" not in ask(server, "/")[1]
        report.unlink()
        report.symlink_to(tmp_path / "secret.html")
        response, body = ask(server, f"/page/{ids(root)['first']}/report.html")
    assert (response.status, "secret" in body) == (404, False)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:{port}", "127.0.0.1", "localhost:1", "127.0.0.1.evil:{port}"],
)
def test_another_name_of_this_machine_is_refused(server, host):
    response, body = ask(server, "/", Host=host.format(port=server.server_port))
    assert response.status == 403
    assert body == f"primum view: open {server.url} itself, by this name and port\n"


def test_the_names_that_a_browser_may_use(server):
    for name in ("localhost", "127.0.0.1"):
        assert ask(server, "/", Host=f"{name}:{server.server_port}")[0].status == 200
    assert ask(server, "/", no_host=True)[0].status == 403


@pytest.mark.parametrize("method", METHODS)
def test_nothing_can_be_changed(server, method):
    response, _ = ask(server, "/", method=method)
    assert (response.status, response.getheader("Allow")) == (405, "GET, HEAD")


def test_heads_without_bodies(root, server):
    for path in ("/", f"/page/{ids(root)['first']}/report.html", "/absent"):
        response, body = ask(server, path, method="HEAD")
        assert body == ""
        assert int(response.getheader("Content-Length")) > 0


def test_what_is_no_request(server):
    for said in (b"nonsense\r\n\r\n", b"\x16\x03\x01\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as raw:
            raw.sendall(said)
            assert b"200 OK" not in raw.recv(4096)
    assert ask(server, "/")[0].status == 200


def test_this_machine_alone_is_listened_to(server):
    assert server.socket.getsockname()[0] == "127.0.0.1"


def test_hostile_texts_are_shown_as_text(root, server):
    run = make_run(root / "<b>x", "prompts", model=HOSTILE, recipe=HOSTILE)
    write_progress(run, step=HOSTILE, task=HOSTILE, total=3, notes=[HOSTILE])
    write_pairs(run, HOSTILE, chosen=HOSTILE)
    server.shelf._looked = 0.0
    for path in ("/", f"/run/{ids(root)['<b>x']}"):
        body = ask(server, path)[1]
        assert "&lt;" in body
        assert "<img" not in body
        assert "<b>x" not in body
        assert body.count("<script>") == 1
        assert "\u202e" not in body


def test_runs_come_and_go(root, server, monkeypatch):
    monkeypatch.setattr(shelf, "_EVERY", 0.0)
    make_run(root / "third")
    assert ask(server, f"/run/{ids(root)['third']}")[0].status == 200
    assert ask(server, f"/run/{ids(root)['first']}")[0].status == 200
    (root / "first").rename(root / "moved")
    old = ids(root)
    assert "first" not in old
    assert ask(server, f"/run/{old['moved']}")[0].status == 200


def test_nothing_is_written(root):
    with CallStore(root / "first" / CALLS):
        pass
    before = {file: file.stat().st_mtime_ns for file in root.rglob("*")}
    with serving(root) as server:
        for path in ("/", "/state/", *(f"/run/{name}" for name in ids(root).values())):
            assert ask(server, path)[0].status == 200
    assert {file: file.stat().st_mtime_ns for file in root.rglob("*")} == before


def test_a_page_of_a_comparison(tmp_path):
    make_comparison(tmp_path / "out")
    with serving(tmp_path) as server:
        name = ids(tmp_path)["out"]
        assert "the comparison" in ask(server, f"/page/{name}/index.html")[1]
        assert ask(server, f"/run/{name}")[0].status == 404


def test_a_damaged_run_is_one_sentence(root, server):
    (root / "second" / "manifest.json").write_text("[]")
    response, body = ask(server, f"/run/{ids(root)['second']}")
    assert response.status == 500
    assert "is no whole manifest" in body


def test_a_fault_is_one_sentence(root, server, monkeypatch):
    def fault(*given):
        raise RuntimeError("oh <b>no")

    monkeypatch.setattr("primum.view.server.live_run", fault)
    response, body = ask(server, f"/run/{ids(root)['second']}")
    assert (response.status, body) == (
        500,
        "primum view: a fault in primum (RuntimeError: oh <b>no)\n",
    )
    assert response.getheader("Content-Type").startswith("text/plain")


def test_a_folder_that_holds_nothing(tmp_path):
    with pytest.raises(UserError, match="holds no run, comparison or audit; name the folder"):
        ViewServer(tmp_path)


def test_a_port_in_use(root, server):
    with pytest.raises(UserError, match=f"port {server.server_port} cannot be had .*--port"):
        ViewServer(root, server.server_port)
