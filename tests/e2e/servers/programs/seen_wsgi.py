"""Tells what a WSGI program saw of the request, and answers as its path asks."""

import hashlib
import json
import os
import re


def tell(environ, path, body):
    fields = [[name, value] for name, value in environ.items() if name.startswith("HTTP_")]
    record = {"method": environ["REQUEST_METHOD"], "target": environ.get("RAW_URI") or environ["REQUEST_URI"],
              "path": path, "area": "private" if re.match(r"/(public/)?private(/|$)", path) else "open",
              "fields": fields, "length": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    file = os.open(os.environ["SEEN"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(file, json.dumps(record).encode() + b"\n")
    os.close(file)


def body_of(environ):
    """uWSGI leaves chunks to the program."""
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked" and "uwsgi.version" in environ:
        import uwsgi
        return b"".join(iter(uwsgi.chunked_read, b""))
    return environ["wsgi.input"].read()


def application(environ, start_response):
    path = environ["PATH_INFO"]  # what frameworks route by
    body = body_of(environ)
    if environ.get("CONTENT_LENGTH") and len(body) != int(environ["CONTENT_LENGTH"]):
        start_response("400 Bad Request", [])  # its client left: half a request is none
        return []
    tell(environ, path, body)
    asked = path.rpartition("/")[2]
    plain = [("Content-Type", "text/plain")]
    bytes_asked = re.fullmatch(r"bytes-(\d+)", asked)
    if asked == "status-204":
        start_response("204 No Content", [])
        return []
    if asked == "status-304":
        start_response("304 Not Modified", [("ETag", '"1"')])
        return []
    if asked == "pieces":
        start_response("200 OK", plain)
        return [b"one ", b"two ", b"three"]
    if asked == "large-head":
        start_response("200 OK", plain + [("Content-Length", "5")] + [(f"X-Large-{i}", "v" * 400) for i in range(40)])
        return [b"large"]
    if bytes_asked:
        count = int(bytes_asked[1])
        start_response("200 OK", [*plain, ("Content-Length", str(count))])
        return [(bytes(range(256)) * (count // 256 + 1))[:count]]
    start_response("200 OK", [*plain, ("Content-Length", "4")])
    return [b"seen"]
