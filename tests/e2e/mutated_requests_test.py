"""20,000 requests that were good before somebody tampered with them. Whatever the gateway lets
through is, for a reader that takes nothing but the letter of RFC 9112, a row of whole requests, each
with the one identity its token proves or with none.

Half of them go to one worker, half to four. MUTATION_SEED=n repeats a run; the seed is printed."""

import os
import re
import secrets
from collections import Counter

from corpus.mutated import IDENTITIES, OWN_ANSWERS, Forge, Witness, send, statuses

REQUESTS = 10_000
TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
LINE = re.compile(rf"({TOKEN}) (/[!-\"$-~]*) HTTP/1\.1")
FIELD = re.compile(rf"({TOKEN}): ?([\t -~\x80-\xff]*)")


def strictly(check):
    """A backend that reads by the letter, checks each request, and answers it."""
    def behave(exchange):
        while True:
            request = exchange.read_request_head()
            fields = parse_strictly(request.raw_head)
            read_body_strictly(exchange, fields)
            check(LINE.fullmatch(request.line)[2], fields)
            exchange.respond(b"ok")
    return behave


def parse_strictly(raw):
    line, *lines = raw[:-4].decode("latin-1").split("\r\n")
    assert LINE.fullmatch(line), f"request line {line!r}"
    fields = []
    for each in lines:
        matched = FIELD.fullmatch(each)
        assert matched, f"field {each!r} in {raw!r}"
        fields.append((matched[1].lower(), matched[2]))
    names = Counter(name for name, _ in fields)
    assert names["host"] == 1, raw
    assert names["content-length"] + names["transfer-encoding"] <= 1, raw
    for name, value in fields:
        assert name != "transfer-encoding" or value == "chunked", raw
        assert name != "content-length" or re.fullmatch(r"0*[0-9]{1,19}", value) and int(value) < 2**63, raw
        assert name not in ("upgrade", "te", "keep-alive", "proxy-connection", "authorization"), raw
    return fields


def read_body_strictly(exchange, fields):
    named = dict(fields)
    if "content-length" in named:
        exchange.read_exactly(int(named["content-length"]))
    elif "transfer-encoding" in named:
        while True:
            size = exchange.read_until(b"\r\n")
            assert re.fullmatch(rb"[0-9a-fA-F]{1,16}\r\n", size), size
            if int(size, 16) == 0:
                break
            exchange.read_exactly(int(size, 16))
            assert exchange.read_exactly(2) == b"\r\n"
        while (line := exchange.read_until(b"\r\n")) != b"\r\n":
            assert re.sub(r"[^a-z0-9]", "-", line.decode("latin-1").split(":")[0].lower()) not in IDENTITIES, line


def test_tampered_requests_forge_nothing(start_gateway, backend, workers):
    seed = int(os.environ.get("MUTATION_SEED", secrets.randbits(32)))
    print(f"MUTATION_SEED={seed}")
    gateway = start_gateway(backend)
    users = [gateway.auth().register(name) for name in ("ada", "bob")]
    forge, witness = Forge(f"{seed} {workers}", users), Witness(users)
    backend.behaviour = strictly(witness.check)
    answers = Counter()
    for number in range(REQUESTS):
        request, tag, user = forge.good_request(number)
        witness.proved_by[tag] = user.user_id if user else None
        sent = forge.tampered(request)
        came = statuses(send(gateway, forge.pieces(sent)))
        answers.update(came)
        assert not backend.failures, f"seed {seed}, request {number} {sent!r}: {backend.failures[0]!r}"
        assert set(came) <= OWN_ANSWERS, f"seed {seed}, request {number}: {came} for {sent!r}"
    print(f"answers {dict(answers)}, forwarded {dict(witness.seen)}")
    assert min(witness.seen["with identity"], witness.seen["without"], answers[400], answers[401]) > REQUESTS / 50
    assert gateway.process.running() and gateway.admin("/healthz")[0] == 200
