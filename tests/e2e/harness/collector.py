"""A collector of spans: takes OTLP over HTTP in JSON, and nothing that is not exactly so."""

import http.server
import json
import re
import ssl
import threading

from .waiting import wait_until

TYPES = {"stringValue": str, "intValue": str}


def only(value, required, optional=()):
    """An object with these members and no others."""
    assert isinstance(value, dict), value
    assert set(required) <= value.keys() <= set(required) | set(optional), sorted(value)
    return value


def attributes_of(listed):
    """As a dict; each attribute has one value, of the type that it says."""
    found = {}
    for attribute in listed:
        only(attribute, ["key", "value"])
        (kind, value), = attribute["value"].items()
        assert isinstance(value, TYPES[kind]), attribute
        assert kind != "intValue" or re.fullmatch(r"-?\d+", value), "64-bit numbers are strings"
        assert attribute["key"] not in found, f"{attribute['key']} twice"
        found[attribute["key"]] = int(value) if kind == "intValue" else value
    return found


class Span:
    """One span, as it was sent."""

    def __init__(self, raw, resource):
        only(raw, ["traceId", "spanId", "name", "kind", "startTimeUnixNano", "endTimeUnixNano", "attributes"],
             ["parentSpanId", "flags", "status"])
        assert re.fullmatch("[0-9a-f]{32}", raw["traceId"]) and int(raw["traceId"], 16)
        assert re.fullmatch("[0-9a-f]{16}", raw["spanId"]) and int(raw["spanId"], 16)
        assert re.fullmatch("[0-9a-f]{16}", raw.get("parentSpanId", "1" * 16))
        assert raw["kind"] in (1, 2, 3)
        for when in ("startTimeUnixNano", "endTimeUnixNano"):
            assert re.fullmatch(r"\d{19}", raw[when]), "nanoseconds since 1970, as a string"
        assert raw["startTimeUnixNano"] <= raw["endTimeUnixNano"]
        assert raw.get("status", {"code": 2}) == {"code": 2}
        self.trace, self.id, self.parent = raw["traceId"], raw["spanId"], raw.get("parentSpanId")
        self.name, self.kind = raw["name"], {1: "internal", 2: "server", 3: "client"}[raw["kind"]]
        self.began, self.ended = int(raw["startTimeUnixNano"]), int(raw["endTimeUnixNano"])
        self.failed = "status" in raw
        self.attributes = attributes_of(raw["attributes"])
        self.resource = resource

    def __repr__(self):
        return f"<{self.kind} {self.name} {self.id} of {self.parent} {self.attributes}>"


def spans_of(message):
    spans = []
    only(message, ["resourceSpans"])
    for of_resource in message["resourceSpans"]:
        only(of_resource, ["resource", "scopeSpans"])
        resource = attributes_of(only(of_resource["resource"], ["attributes"])["attributes"])
        for of_scope in of_resource["scopeSpans"]:
            only(of_scope, ["scope", "spans"])
            only(of_scope["scope"], ["name", "version"])
            assert of_scope["spans"], "a message without spans"
            spans += [Span(raw, resource) for raw in of_scope["spans"]]
    return spans


class Collector:
    """Listens until it is closed. `answer` decides what each message gets: (status, fields, body), or None to
    hold it until `release` is set. With a certificate and its key it speaks TLS."""

    def __init__(self, answer=lambda: (200, {}, b"{}"), certificate=None):
        self.answer = answer
        self.release = threading.Event()
        self.spans, self.bytes, self.fields, self.mistakes = [], b"", [], []
        self.asked = 0
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                collector.take(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def take(self, handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.asked += 1
        answer = self.answer()
        if answer is None:
            self.release.wait()
            answer = (503, {}, b"")
        status, fields, text = answer
        if status == 200:
            self.read(handler, body)
        try:
            handler.send_response(status)
            for name, value in {**fields, "Content-Length": str(len(text))}.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(text)
        except OSError:
            pass  # whoever asked has given up

    def read(self, handler, body):
        try:
            assert handler.path == "/v1/traces", handler.path
            assert handler.headers["Content-Type"] == "application/json"
            spans = spans_of(json.loads(body))
        except (AssertionError, ValueError, KeyError) as mistake:
            self.mistakes.append(f"{mistake!r} in {body[:2000]!r}")
            return
        self.fields.append(dict(handler.headers))
        self.bytes += body
        self.spans += spans

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
        assert self.mistakes == []

    def wait_for(self, matches, count=1, what="spans"):
        def found():
            assert self.mistakes == []
            spans = [span for span in self.spans if matches(span)]
            return spans if len(spans) >= count else None
        return wait_until(found, what, 30)

    def trace(self, trace, count):
        """The spans of one trace, once there are so many."""
        return self.wait_for(lambda span: span.trace == trace, count, f"{count} spans of {trace}")
