"""The schema that editors get: every example in the tree names it and fits it (those on pages: docs/), and over many small
changes of them it takes what the reader takes and refuses the keys that the reader does not know."""

import os
import pathlib
import random
import re
import subprocess

import pytest

from harness.gateway import BINARY
from harness.schema import SCHEMA, verdicts

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECRETS = {"ACCESS_TOKEN_SECRET": "a" * 40, "REFRESH_TOKEN_SECRET": "b" * 40}
FIRST_LINE = re.compile(r"^# yaml-language-server: \$schema=(\S+)$")


def example_files():
    listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z", "deploy", "docs", "config"], cwd=ROOT,
                            capture_output=True, check=True).stdout.decode().split("\0")
    files = [ROOT / name for name in listed if name.endswith((".yaml", ".yml"))]
    return [file for file in files if is_ours(file.read_text())]


def is_ours(text):
    """A gateway's configuration, and neither a manifest nor a compose file."""
    keys = re.findall(r"^([a-z_]+):", text, re.MULTILINE)
    return bool({"listen", "routes", "upstreams", "tokens"} & set(keys)) and "apiVersion" not in text


@pytest.mark.parametrize("file", example_files(), ids=lambda file: file.name)
def test_every_example_names_the_schema_and_fits_it(file):
    first = FIRST_LINE.match(file.read_text().splitlines()[0])
    assert first, f"the first line of {file.relative_to(ROOT)} names no schema"
    # What a package brings names the schema that the package brings.
    installed = first[1] == "/usr/share/gatehouse/gatehouse.schema.json"
    assert installed or (file.parent / first[1]).resolve() == SCHEMA
    assert verdicts([file.read_text()]) == [""]


def test_the_binary_prints_it():
    done = subprocess.run([BINARY, "config", "schema"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert done.stdout == SCHEMA.read_text()


# ---- the same words, the reader and the schema ------------------------------------------------

SEEDS = ["""\
listen: [{address: 127.0.0.1:8080}]
admin: off
workers: 4
store: sqlite:gatehouse.db
registration: closed
trusted_proxies: [10.0.0.0/8]
tokens: {issuer: https://a.example, access_ttl: 15m, audience: [a], role_scopes: {"*": [read], admin: [write]}}
refresh: {straggler_window: 0, on_straggler: repeat}
sessions: {max_per_user: 5, idle_ttl: 2d}
limits: {max_body: 1MiB, head: 16384, linger: 0}
audit: {store: true, keep: 30d}
identity: {header: X-Who, headers: [{name: X-Plan, claim: org.plan, join: ","}], signed: {ttl: 10s}}
upstreams: {orders: {endpoints: ["http://10.0.0.1:80"]}}
auth:
  delivery: cookie
  cors: {origins: ["https://a.example"], credentials: true}
  contract:
    bad_access_token: 403
    claims: {org: {plan: pro}, name: $username}
    login: {at: [POST /login], success: 200, answer: {token: $access_token, user: {id: $id}}}
routes:
  - {match: /public/**, auth: none, to: orders}
  - {match: /a/*, auth: {roles: [admin, 2001], claims: {org.plan: [pro]}}, methods: [GET], to: "http://web:3000"}
  - {match: /**, to: orders, timeout: 10s, max_body: 0, bad_access_token: 401}
""", *[file.read_text() for file in example_files()]]

# What somebody may write in place of any value.
VALUES = ["true", "false", "\"true\"", "0", "1", "\"8\"", "010", "-1", "1.5", "15m", "1h30m", "250ms", "1MiB", "4096", "''",
          "text", "\"a b\"", "~", "", "[]", "[a]", "[a, a]", "{}", "{a: b}", "[1]", "${X:-15m}", "\"${X:-4}\"", "$${X",
          "${X", "$id", "$username", "$access_token", "none", "401", "\"403\"", "closed", "off", "on", "yes", "/**", "GET",
          "http://a:1", "https://a", "*", "'*'", "memory", "127.0.0.1:0", "10.0.0.0/8", "2026-11-21", "0x10", "1e3"]
KEYS = ["routes", "auth", "tls", "to", "match", "max", "contract", "roles", "unknown", "Workers", "access-ttl", "claims",
        "cors", "answer", "timeout", "<<", "x-note", "store", "headers"]


def scalars_of(text):
    """Places of values in flow or block form: what stands behind a colon, a dash, a bracket."""
    return [match.span(1) for match in re.finditer(r"(?<=[:\[,-] )([^\s,\[\]{}#][^,\[\]{}\n#]*)", text)]


def keys_of(text):
    return [match.span(1) for match in re.finditer(r"(?:^|[{,\s-])([A-Za-z_*.\"-]+)(?=:(?: |$))", text, re.MULTILINE)]


def mutated(text, chance):
    kind = chance.choice(["value", "value", "key", "line"])
    if kind == "line":
        lines = text.splitlines(keepends=True)
        del lines[chance.randrange(len(lines))]
        return "".join(lines)
    start, end = chance.choice(scalars_of(text) if kind == "value" else keys_of(text))
    return text[:start] + chance.choice(VALUES if kind == "value" else KEYS) + text[end:]


def judged_by_the_reader(text, folder):
    """(whether it is good, whether it has a key that nobody knows)"""
    file = folder / "mutated.yaml"
    file.write_text(text)
    done = subprocess.run([BINARY, "check", "--config", file], capture_output=True, text=True, timeout=30, cwd=folder,
                          env={**os.environ, **SECRETS})
    return done.returncode == 0, "unknown key" in done.stderr or "not supported by this version" in done.stderr


def test_schema_and_reader_know_the_same_keys(tmp_path):
    chance = random.Random(20261121)
    texts = list(SEEDS)
    for _ in range(400):
        text = chance.choice(SEEDS)
        for _ in range(chance.choice([1, 1, 1, 2])):
            text = mutated(text, chance)
        texts.append(text)
    good = unknown = 0
    for text, verdict in zip(texts, verdicts(texts)):
        is_good, is_unknown = judged_by_the_reader(text, tmp_path)
        good, unknown = good + is_good, unknown + is_unknown
        if is_good:
            assert verdict == "", f"the reader takes this, the schema does not: {verdict}\n{text}"
        if is_unknown:
            assert verdict != "", f"the reader does not know a key of this, the schema does\n{text}"
    assert good > 80 and unknown > 40, "the changes try both sides"


def test_a_mistyped_key_is_shown_where_it_stands():
    [verdict] = verdicts(["routes: [{match: /a, too: http://a}]"])
    assert "/routes/0 must NOT have additional properties" in verdict
    assert "must have required property 'to'" in verdict
