"""WebSockets as real clients use them: npm's `ws`, socket.io, a browser."""

import json
import os
import pathlib
import shutil
import subprocess
import urllib.request

import pytest

from harness import wait_until
from harness.websocket_story import Story

PAGE = pathlib.Path(__file__).parent / "clients" / "websocket_page.mjs"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")


def seen_by(chat, target="/seen"):
    with urllib.request.urlopen(chat.url + target, timeout=5) as answer:
        return json.loads(answer.read())


def test_ws_is_used_as_it_is(start_gateway, chat):
    gateway = start_gateway(chat.url)
    pair = gateway.auth().register("ada")
    story = Story("header", gateway.url, pair.access)
    told = story.next()
    story.end()
    assert told == {"small": True, "large": True, "repetitive": True, "pong": "are you there",
                    "extensions": "permessage-deflate", "end": {"code": 4001, "reason": "enough"}}
    wait_until(lambda: "code" in seen_by(chat)[-1], "the service to hear of the end")
    entry = seen_by(chat)[-1]
    assert (entry["code"], entry["reason"], entry["extensions"]) == (4001, "enough", "permessage-deflate")
    assert entry["headers"]["x-user-id"] == pair.user_id
    record = gateway.wait_for_access(lambda each: each["status"] == 101)[-1]
    assert 1 << 20 < record["bytes_in"] < 1.2 * (1 << 20), "a MiB of noise, and one that was compressed"

    story = Story("protocol", gateway.url, pair.access)
    assert story.next() == {"protocols": ["bearer", "chat"], "echo": [True, True]}
    story.end()
    assert [entry["headers"].get("sec-websocket-protocol") for entry in seen_by(chat)[-2:]] == [None, "chat"]
    story = Story("refused", gateway.url, "")
    assert story.next() == "Unexpected server response: 401"
    story.end()


def test_ws_is_told_why_it_ends(start_gateway, chat):
    gateway = start_gateway(chat.url)
    pair = gateway.auth().register("ada")
    story = Story("stay", gateway.url, pair.access)
    assert story.next() == {"echo": True}
    gateway.auth().logout(pair)
    assert story.next() == {"code": 1008, "reason": "session ended"}
    story.end()
    wait_until(lambda: "code" in seen_by(chat)[-1], "the service to hear of it")
    entry = seen_by(chat)[-1]
    assert (entry["code"], entry["reason"]) == (1008, "session ended")


def test_a_thousand_at_a_time(start_gateway, chat):
    gateway = start_gateway(chat.url)
    story = Story("many", gateway.url, gateway.auth().register("ada").access)
    assert story.next() == {"open": 1000}
    assert story.next() == {"right": 1000}
    gateway.wait_for_metric(1000, "gatehouse_websockets_open")
    story.go_on()
    assert story.next() == {"clean": 1000}
    story.end()
    gateway.wait_for_metric(0, "gatehouse_websockets_open")


def test_socket_io_is_used_as_it_is(start_gateway, chat):
    gateway = start_gateway(chat.url)
    pair = gateway.auth().register("ada")
    story = Story("socketio", gateway.url, pair.access)
    for transport in ("websocket", "websocket", "polling"):
        assert story.next() == {"transport": transport, "echo": 100000}
    story.end()
    wait_until(lambda: all("reason" in entry for entry in seen_by(chat)[-3:]), "the service to hear of the end")
    entries = seen_by(chat)[-3:]
    assert [entry["transport"] for entry in entries] == ["websocket", "websocket", "polling"]
    assert {entry["headers"]["x-user-id"] for entry in entries} == {pair.user_id}
    assert {entry["reason"] for entry in entries} == {"client namespace disconnect"}


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_page_names_its_token_among_the_protocols(start_gateway, chat):
    gateway = start_gateway(chat.url)
    pair = gateway.auth().register("ada")
    browser = subprocess.Popen(["node", PAGE, CHROMIUM, gateway.url + "/public/page", pair.access],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    steps = []
    for line in browser.stdout:
        steps.append(json.loads(line))
        if steps[-1] == "stays":
            gateway.auth().logout(pair)
    assert browser.wait(30) == 0, browser.stderr.read()
    closed = {"code": 4000, "reason": "enough", "wasClean": True}
    never = {"echo": None, "code": 1006, "reason": "", "wasClean": False}
    assert steps == [{"echo": "hello", "protocol": "bearer", **closed}, {"echo": "hello", "protocol": "chat", **closed},
                     never, never, "stays",
                     {"echo": "hello", "protocol": "bearer", "code": 1008, "reason": "session ended", "wasClean": True}]
