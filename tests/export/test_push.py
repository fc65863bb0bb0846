import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx2
import pytest
from huggingface_hub import HfApi

from primum.errors import UserError
from primum.export.entry import export_run
from primum.export.push import prepare_push, send


@pytest.fixture
def export(run, tmp_path):
    return export_run(run, "adapter", tmp_path / "out", base="org/base").path


def test_only_the_files_of_an_export_go(export):
    for name in ("calls.sqlite", "prompts.parquet", "notes.txt", ".env", "model.bin"):
        (export / name).write_text("secret")
    (export / "sub").mkdir()
    (export / "sub" / "config.json").write_text("{}")
    ready = prepare_push(export, "org/name")
    assert [name for name, _ in ready.files] == [
        *("README.md", "adapter_config.json", "adapter_model.safetensors"),
        *("chat_template.jinja", "tokenizer.json", "tokenizer_config.json"),
    ]
    assert set(ready.left) == {
        *("calls.sqlite", "prompts.parquet", "notes.txt", ".env", "model.bin"),
        "sub/config.json",
    }
    assert dict(ready.files)["README.md"] == (export / "README.md").stat().st_size


def test_what_is_no_export_is_refused(run, export, tmp_path):
    with pytest.raises(UserError, match="is a run; push its export"):
        prepare_push(run, "org/name")
    with pytest.raises(UserError, match="there is no folder"):
        prepare_push(tmp_path / "absent", "org/name")
    for name in ("org/na me", "a/b/c", "--x", "org/name.git", "name"):
        with pytest.raises(UserError, match="no name of a repository"):
            prepare_push(export, name)
    (export / "README.md").write_text("# no metadata")
    with pytest.raises(UserError, match="is no export"):
        prepare_push(export, "org/name")


def test_a_place_of_this_machine_stops_it(run, tmp_path):
    folder = export_run(run, "adapter", tmp_path / "out").path
    with pytest.raises(UserError, match=r"adapter_config.json names /.*--base OWNER/NAME"):
        prepare_push(folder, "org/name")


def test_a_link_out_of_the_export_does_not_go(export, tmp_path):
    (tmp_path / "secret.json").write_text("{}")
    (export / "generation_config.json").symlink_to(tmp_path / "secret.json")
    with pytest.raises(UserError, match=r"generation_config.json is a link out of the export"):
        prepare_push(export, "org/name")


def test_only_what_goes_is_searched_for_places(export):
    (export / "notes.txt").write_text("/home/ann/notes")
    assert prepare_push(export, "org/name").left == ("notes.txt",)


def test_a_damaged_file_of_an_export_is_named(export):
    (export / "tokenizer_config.json").write_text("{")
    with pytest.raises(UserError, match=r"tokenizer_config\.json could not be loaded"):
        prepare_push(export, "org/name")


class Hub(BaseHTTPRequestHandler):
    """As much of the hub as a push needs; keeps what it is told."""

    def do_GET(self):
        self._answer({"id": "org/name", "private": self.server.private, "sha": "a" * 40})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.server.asked.append((self.path, body, self.headers.get("Authorization")))
        if self.server.status != 200:
            self._answer({"error": "no"}, self.server.status)
        elif self.path.endswith("/preupload/main"):
            files = [
                {**file, "uploadMode": "regular", "shouldIgnore": False}
                for file in json.loads(body)["files"]
            ]
            self._answer({"files": files})
        elif "/commit/" in self.path:
            url = f"{self.server.url}/org/name/commit/{'b' * 40}"
            self._answer({"success": True, "commitOid": "b" * 40, "commitUrl": url})
        else:
            self._answer({"url": f"{self.server.url}/org/name", "errors": [], "warnings": []})

    def _answer(self, content, status=200):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said):
        """Says nothing."""


@pytest.fixture
def hub(monkeypatch):
    # The tests are offline, and this server is on the same machine.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", server.url)
    server.asked, server.status, server.private = [], 200, True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_all_goes_in_one_commit(export, hub):
    (export / "calls.sqlite").write_text("secret")
    ready = prepare_push(export, "org/name", private=True)
    address = send(ready, HfApi(hub.url, token="hf_test"))
    assert address.endswith("b" * 40)
    made = next(json.loads(body) for path, body, _ in hub.asked if path == "/api/repos/create")
    assert made["name"] == "name"
    assert made.get("private") is True or made.get("visibility") == "private"
    (commit,) = [body for path, body, _ in hub.asked if "/commit/" in path]
    lines = [json.loads(line) for line in commit.splitlines()]
    files = {line["value"]["path"]: line["value"] for line in lines if line["key"] == "file"}
    assert set(files) == {name for name, _ in ready.files}
    card = base64.b64decode(files["README.md"]["content"])
    assert card == (export / "README.md").read_bytes()
    assert {token for *_, token in hub.asked} == {"Bearer hf_test"}


def test_a_public_repository_is_not_taken_for_a_private_one(export, hub):
    hub.private = False
    ready = prepare_push(export, "org/name", private=True)
    with pytest.raises(UserError, match="is there already, and public"):
        send(ready, HfApi(hub.url, token="hf_test"))
    assert not any("/commit/" in path for path, *_ in hub.asked)


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "refuses the token"), (403, "may not write to org/name"), (500, "the hub refuses")],
)
def test_a_refusal_is_one_sentence(export, hub, status, said):
    hub.status = status
    with pytest.raises(UserError, match=said) as found:
        send(prepare_push(export, "org/name"), HfApi(hub.url, token="hf_test"))
    assert "\n" not in str(found.value)


def test_a_card_that_the_hub_refuses_is_one_sentence(export):
    class Strict:
        def create_repo(self, *args, **named):
            raise ValueError("Invalid metadata in README.md.\n- the licence is unknown")

    with pytest.raises(UserError, match=r"refuses the card .*md\. - the licence .*; mend README"):
        send(prepare_push(export, "org/name"), Strict())


def test_no_token_and_no_network(export, monkeypatch):
    ready = prepare_push(export, "org/name")
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    with pytest.raises(UserError, match="no token for the hub; run `hf auth login`"):
        send(ready)

    class Unreachable:
        def create_repo(self, *args, **named):
            raise httpx2.ConnectError("Name or service not known")

    with pytest.raises(UserError, match=r"cannot be reached \(Name or service not known\)"):
        send(ready, Unreachable())
