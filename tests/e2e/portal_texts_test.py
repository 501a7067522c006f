"""What the account pages say: all of it in every language, and something of its own for all that the API refuses."""

import json
import re

from portal_test import ROOT, needs_chromium, tell

TEXTS = {file.stem: json.loads(file.read_text())
         for file in sorted((ROOT / "gateway" / "portal" / "pages" / "assets" / "texts").glob("*.json"))}

# What the pages take for themselves, and what no page's call can be refused with.
TAKEN = {"token_missing", "token_invalid", "token_expired", "token_revoked", "insufficient_user_authentication",
         "refresh_token_invalid", "refresh_token_expired", "refresh_token_revoked", "refresh_token_reused",
         "second_factor_required"}
NEVER = {"bad_request", "malformed_json", "method_not_allowed", "not_implemented", "unsupported_media_type",
         "uri_too_long", "headers_too_large", "forbidden"}
# By the pages themselves, or by a gateway that ends.
OWN = {"unknown", "unknown_with_id", "unreachable", "too_many_attempts_wait", "draining"}

# Calls that no page makes.
OPERATORS = {"admin_api_keys", "admin_service", "admin_sessions", "import_record", "new_api_key", "own_api_keys", "roles"}


def codes_in(node):
    """All error codes that a part of the contract names."""
    if isinstance(node, list):
        return set().union(*map(codes_in, node))
    if not isinstance(node, dict):
        return set()
    named = node.get("code")
    own = set(named.get("enum", [named.get("const")])) - {None} if isinstance(named, dict) else set()
    return own.union(*map(codes_in, node.values()))


def codes():
    contract = json.loads((ROOT / "docs" / "openapi" / "auth.json").read_text())
    return codes_in(contract["components"]["responses"])


def messages():
    """What is said of fields, as it is written where it is judged; with a number where one is filled in."""
    files = [file for file in (ROOT / "auth" / "service").glob("*.cpp") if file.stem not in OPERATORS]
    files += [ROOT / "auth" / "accounts" / name for name in ("names.cpp", "passwords.cpp")]
    texts = (re.sub(r'" \+ std::to_string\([\w.]+\) \+ "', "12", file.read_text()) for file in files)
    texts = (re.sub(r'"\s*\n\s*"', "", text) for text in texts)
    return {said for text in texts for said in re.findall(r'"((?:is|are|must|a) [^"]+)"', text)}


def test_every_language_says_everything():
    assert set(TEXTS) == {"de", "en"}
    assert TEXTS["de"].keys() == TEXTS["en"].keys()
    assert all(text.strip() for language in TEXTS.values() for text in language.values())
    for key, text in TEXTS["en"].items():
        assert sorted(re.findall(r"{\w+}", text)) == sorted(re.findall(r"{\w+}", TEXTS["de"][key])), key


@needs_chromium
def test_every_refusal_has_a_sentence_of_its_own(start_gateway, backend, tmp_path):
    asked = {"codes": sorted(codes() - TAKEN - NEVER), "messages": sorted(messages())}
    assert {"link_invalid", "email_unverified", "invalid_code", "login_token_invalid", "passkey_invalid"} <= set(asked["codes"])
    assert {"is needed", "must have at least 12 characters", "is not valid UTF-8 text"} <= set(asked["messages"])
    (tmp_path / "asked.json").write_text(json.dumps(asked))
    steps = tell("sentences", start_gateway(backend, portal=True), tmp_path / "asked.json")
    assert set(steps) == set(TEXTS)
    for language, said in steps.items():
        texts = TEXTS[language]
        assert [code for code, sentence in said["codes"].items() if sentence == texts["error.unknown"]] == []
        assert [message for message, sentence in said["messages"].items()
                if sentence == texts["said.is not allowed"] and message != "is not allowed"] == []
        assert [sentence for each in said.values() for sentence in each.values() if "{" in sentence] == []


def test_no_sentence_is_for_what_nobody_refuses():
    known = {"error." + code for code in codes() | OWN}
    known |= {"said." + said for message in messages() for said in (message, message.replace("12", "{n}"))}
    assert [key for key in TEXTS["en"] if key.startswith(("error.", "said.")) and key not in known] == []
    assert (TAKEN | NEVER) <= codes()
