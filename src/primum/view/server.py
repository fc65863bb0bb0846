"""Hands the pages to a browser on this machine, and to nobody else."""

import os
import re
import socketserver
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO, cast

from primum.errors import UserError, first_line
from primum.view.folders import Found, held
from primum.view.live import live_run
from primum.view.pages import live_html, live_json, overview_html, overview_json, policy_of
from primum.view.rows import page_files
from primum.view.shelf import Shelf

ADDRESS = "127.0.0.1"
"""Of this machine alone."""
_NAMES = (ADDRESS, "localhost")
"""What a browser may call it. Another name in the request means that a page from elsewhere has made
its own name point here (DNS rebinding), to read what it must not."""

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_NOTHING = "default-src 'none'; frame-ancestors 'none'"
_STORED = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "sandbox allow-scripts allow-downloads"
)
"""Of pages that lie in the folder. Each narrows this down to its own style and script; one that
does not, and may have been put there by anybody, is kept from this server and from the network."""
_PAGE = "text/html; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"
_JSON = "application/json; charset=utf-8"

_RUN = re.compile(r"/run/([0-9a-f]{16})")
_FILE = re.compile(r"/page/([0-9a-f]{16})/([a-z]+\.html)")
_STATE = "/state"
_CHUNK = 1 << 20


class ViewServer(ThreadingHTTPServer):
    """Serves what a folder holds. Use as a context; `serve_forever` until something ends it.

    Args:
        root: The folder.
        port: The port; 0 for a free one.

    Raises:
        UserError: If the folder holds nothing, or the port cannot be had.
    """

    daemon_threads = True

    def __init__(self, root: Path, port: int = 0) -> None:
        self.shelf = Shelf(root)
        try:
            super().__init__((ADDRESS, port), _Handler)
        except (OSError, OverflowError) as error:
            raise UserError(
                f"port {port} cannot be had ({getattr(error, 'strerror', None) or error}); name "
                "another one with --port, or none for a free one"
            ) from error

    def server_bind(self) -> None:
        """Binds without asking for this machine's name, which may take long where none answers."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = ADDRESS, self.server_address[1]

    @property
    def url(self) -> str:
        """The address to open."""
        return f"http://{ADDRESS}:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    timeout = 30
    """Seconds that a browser may keep a connection without a word. A choice."""

    def do_GET(self) -> None:
        """Answers with a page, or with the state of one."""
        server = cast(ViewServer, self.server)
        if self.headers.get("Host") not in [f"{name}:{server.server_port}" for name in _NAMES]:
            said = f"open {server.url} itself, by this name and port"
            self.send_error(HTTPStatus.FORBIDDEN, said)
            return
        try:
            self._answer(server.shelf)
        except UserError as error:
            self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
        except ConnectionError:
            self.close_connection = True  # The browser has gone on to another page.
        except Exception as error:
            said = f"{type(error).__name__}: {first_line(error)}"
            self.send_error(HTTPStatus.INTERNAL_SERVER_ERROR, f"a fault in primum ({said})")

    do_HEAD = do_GET  # noqa: N815 (the library's names)

    def _refuse(self) -> None:
        self.send_error(HTTPStatus.METHOD_NOT_ALLOWED, "this only shows what is there")

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = _refuse  # noqa: N815

    def _answer(self, shelf: Shelf) -> None:
        # Nothing of the address becomes a path: it names what was found, by its id.
        path = self.path.partition("?")[0]
        if path == "/":
            self._send_page(overview_html(shelf.overview()))
        elif path == f"{_STATE}/":
            self._send(overview_json(shelf.overview()), _JSON)
        elif named := _FILE.fullmatch(path):
            self._send_file(shelf, named[1], named[2])
        elif run := self._run(shelf, _RUN.fullmatch(path)):
            self._send_page(live_html(live_run(run, shelf.root), run))
        elif run := self._run(shelf, _RUN.fullmatch(path.removeprefix(_STATE))):
            self._send(live_json(live_run(run, shelf.root), run), _JSON)
        else:
            self.send_error(HTTPStatus.NOT_FOUND, "there is no such page; begin at /")

    def _run(self, shelf: Shelf, named: re.Match[str] | None) -> Found | None:
        found = shelf.get(named[1]) if named else None
        return found if found and found.kind == "run" else None

    def _send_file(self, shelf: Shelf, name: str, page: str) -> None:
        """Sends a page that lies in the folder.

        Args:
            shelf: What there is.
            name: The id of a folder.
            page: The page's file.
        """
        found = shelf.get(name)
        file = held(found.path, page) if found and page in page_files(found) else None
        if file is None:
            self.send_error(HTTPStatus.NOT_FOUND, "there is no such page any more; begin at /")
            return
        try:
            # Not through a link, should one have taken the file's place just now.
            opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError as error:
            self.send_error(HTTPStatus.NOT_FOUND, f"the page cannot be read ({error.strerror})")
            return
        with os.fdopen(opened, "rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            self._begin(HTTPStatus.OK, _PAGE, size, {"Content-Security-Policy": _STORED})
            if self.command != "HEAD":
                self._copy(stream, size)

    def _copy(self, stream: BinaryIO, size: int) -> None:
        while size > 0 and (part := stream.read(min(size, _CHUNK))):
            self.wfile.write(part)
            size -= len(part)

    def _send_page(self, page: str) -> None:
        self._send(page, _PAGE, policy=f"{policy_of(page)}; frame-ancestors 'none'")

    def _send(
        self,
        text: str,
        kind: str,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        policy: str = _NOTHING,
    ) -> None:
        """Sends a text.

        Args:
            text: It.
            kind: Its content type.
            status: The status.
            policy: The content security policy.
        """
        content = text.encode("utf-8", "replace")
        more = {"Content-Security-Policy": policy}
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            more["Allow"] = "GET, HEAD"
        self._begin(status, kind, len(content), more)
        if self.command != "HEAD":
            self.wfile.write(content)

    def _begin(self, status: HTTPStatus, kind: str, size: int, more: Mapping[str, str]) -> None:
        """Sends the headers.

        Args:
            status: The status.
            kind: The content type.
            size: Bytes that follow.
            more: Further headers.
        """
        self.send_response(status)
        headers = {"Content-Type": kind, "Content-Length": str(size), **_HEADERS, **more}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answers with a sentence rather than with a page of the library.

        Args:
            code: The status.
            message: What is wrong.
            explain: See the library; not used.
        """
        self.close_connection = True
        status = HTTPStatus(code)
        self._send(f"primum view: {message or status.phrase}\n", _TEXT, status=status)

    def version_string(self) -> str:
        """What the server calls itself, without versions."""
        return "primum"

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing: a line for every question of a page would bury what matters."""
