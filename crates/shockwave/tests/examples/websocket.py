"""Asks the example `ws-echo`, at the address given, by the module `websockets`."""

import sys

from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

URL = f"ws://{sys.argv[1]}/"


def echo(compression):
    with connect(URL, compression=compression, max_size=None, open_timeout=20) as socket:
        offered = socket.response.headers.get("Sec-WebSocket-Extensions")
        assert (offered is None) == (compression is None), offered
        for message in ("", "κόσμε", b"\x00\xff", "text " * 50_000, bytes(200_000)):
            socket.send(message)
            assert socket.recv(timeout=20) == message
        socket.send(iter(["in ", "frag", "ments"]))
        assert socket.recv(timeout=20) == "in fragments"
        assert socket.ping(b"there?").wait(20), "no Pong"


def refused():
    try:
        connect(URL, origin="http://evil.test", open_timeout=20)
    except InvalidStatus as error:
        assert error.response.status_code == 403
    else:
        raise AssertionError("another origin was let in")


echo(None)
echo("deflate")
refused()
print("python: everything passed")
