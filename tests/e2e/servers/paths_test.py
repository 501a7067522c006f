"""The path that the gateway judged is the path that the server's own routing sees."""

import re
from urllib.parse import unquote_to_bytes

from corpus import paths

def decoded(server, target):
    path = unquote_to_bytes(target.partition("?")[0]).decode("latin-1")
    if server.name != "tomcat10":
        return path
    # Parameters are none of a servlet's path: cut before it is decoded.
    return unquote_to_bytes(re.sub(r";[^/]*", "", target.partition("?")[0])).decode("latin-1")


def area_of(path):
    return "private" if re.match(r"/(public/)?private(/|\Z)", path) else "open"


def test_what_was_judged_is_what_it_sees(gateway, server):  # R23
    for sent, forwarded in paths.FORWARDED:
        server.forget()
        if "|" in sent and not server.takes_odd_queries:
            continue
        assert gateway.ask("GET", sent).status == 200, sent
        [seen] = server.seen()
        path = decoded(server, forwarded)
        assert (seen.target, seen.path, seen.area) == (forwarded, path, area_of(path)), sent


def test_nothing_of_what_is_refused_arrives(gateway, server):  # R23
    for sent in paths.REFUSED:
        assert gateway.ask("GET", sent).status == 400, sent
    assert server.seen() == []


def test_no_spelling_leads_to_the_protected_handler(gateway, server):  # R23, R25
    for sent in paths.PROTECTED:
        assert gateway.ask("GET", sent).status == 401, sent
    assert server.seen() == []
    pair = gateway.auth().register("ada")
    for sent in paths.PROTECTED:
        server.forget()
        assert gateway.ask("GET", sent, pair.bearer).status == 200, sent
        [seen] = server.seen()
        assert seen.area == area_of(seen.path), sent
        assert seen.all("X-User-Id") == [pair.user_id], sent


def test_no_field_changes_the_path_it_sees(gateway, server):  # R24
    for name in paths.NAMES_OF_A_PATH:
        for value in ("/private", "/public/x", "private"):
            server.forget()
            assert gateway.ask("GET", "/public/x/private/a", [(name, value)]).status == 200, (name, value)
            [seen] = server.seen()
            assert (seen.target, seen.path, seen.area) == ("/public/x/private/a", "/public/x/private/a", "open"), (name, value)
