"""Asks the example `conformance`, at the address given, by Python's own HTTP clients."""

import http.client
import sys
import urllib.error
import urllib.request

HOST, PORT = sys.argv[1].rsplit(":", 1)
BASE = f"http://{sys.argv[1]}"


def ask(connection, method, path, **arguments):
    connection.request(method, path, **arguments)
    response = connection.getresponse()
    return response.status, response, response.read()


def keep_alive():
    connection = http.client.HTTPConnection(HOST, int(PORT), timeout=20)
    connection.connect()
    socket = connection.sock
    for number in range(20):
        content = f"content {number}".encode()
        fields = {"Content-Type": "text/x-number"}
        status, response, echoed = ask(connection, "POST", "/", body=content, headers=fields)
        assert (status, echoed) == (200, content), (status, echoed)
        assert response.getheader("content-type") == "text/x-number"
    assert ask(connection, "HEAD", "/")[2] == b""
    assert ask(connection, "GET", "/chunked")[2] == b"one\ntwo\nthree\n"
    assert ask(connection, "GET", "/status/404")[0] == 404
    assert connection.sock is socket, "the connection was not kept"
    connection.close()


def chunked_upload():
    connection = http.client.HTTPConnection(HOST, int(PORT), timeout=20)
    pieces = [b"x" * length for length in (1, 100, 10_000, 100_000)]
    fields = {"Transfer-Encoding": "chunked"}
    connection.request("POST", "/", body=iter(pieces), headers=fields, encode_chunked=True)
    response = connection.getresponse()
    assert response.read() == b"".join(pieces)
    # Content without a length is sent in chunks by http.client itself.
    status, _, echoed = ask(connection, "PUT", "/", body=(piece for piece in pieces))
    assert (status, echoed) == (200, b"".join(pieces))
    connection.close()


def cookies():
    request = urllib.request.Request(f"{BASE}/cookie", headers={"Cookie": "a=1; b=two"})
    with urllib.request.urlopen(request, timeout=20) as response:
        assert response.read() == b"a=1\nb=two\n"


def errors():
    try:
        urllib.request.urlopen(f"{BASE}/status/503", timeout=20)
    except urllib.error.HTTPError as error:
        assert error.code == 503 and error.read() == b"a status\n"
    else:
        raise AssertionError("503 is an error")


for check in (keep_alive, chunked_upload, cookies, errors):
    check()
print("python: everything passed")
