"""A server on a free port of this machine that ends with the test, and raw requests to it."""

import http.client
import threading
from contextlib import contextmanager

from primum.view.server import ViewServer


@contextmanager
def serving(root):
    """A server of a folder."""
    with ViewServer(root) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(10)


def ask(server, path, *, method="GET", **headers):
    """The response, and its body; the path is sent as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.putrequest(
        method, path, skip_host="Host" in headers or headers.pop("no_host", False)
    )
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    return response, body
