"""Paths in every spelling: what becomes of them, and the routes that they are told apart by."""


def routes_to(url):
    """Public above, protected below, and a place that takes path parameters."""
    return [
        {"match": "/public/**", "auth": "none", "to": url},
        {"match": "/public/private/**", "to": url},
        {"match": "/params/**", "auth": "none", "allow_path_params": True, "to": url},
        {"match": "/strip/**", "auth": "none", "strip_prefix": "/strip", "to": url},
        {"match": "/users/%40me", "auth": "none", "to": url},
        {"match": "/only-get", "methods": ["GET"], "auth": "none", "to": url},
    ]


# What is sent, and what a backend gets.
FORWARDED = [
    ("/public/a", "/public/a"),
    ("/public", "/public"),
    ("/public/", "/public/"),
    ("//public//a", "/public/a"),
    ("/public/./a/.", "/public/a/"),
    ("/x/../public/a", "/public/a"),
    ("/public/b/../a", "/public/a"),
    ("/%70ublic/%61", "/public/a"),
    ("/public/%7Ea/%2e/b", "/public/~a/b"),
    ("/public/a%20b/%E2%82%ac", "/public/a%20b/%E2%82%ac"),
    ("/public/%3b%3F%23", "/public/%3b%3F%23"),
    ("/public/100%25", "/public/100%25"),
    ("/public/a?b=%2e%2e/..//;c&d=%zz\"|", "/public/a?b=%2e%2e/..//;c&d=%zz\"|"),
    ("/public/a?", "/public/a?"),
    ("/params/a;v=1/b;c", "/params/a;v=1/b;c"),
    ("/strip/a/b", "/a/b"),
    ("/strip", "/"),
    ("/strip//a?x=/strip", "/a?x=/strip"),
    ("/users/@me", "/users/@me"),
    ("/users/%40me", "/users/%40me"),
]

# What two readers read differently.
REFUSED = [
    "/..", "/../public/a", "/public/../../a", "/%2e%2e/a", "/public/..%2f..%2fprivate", "/public/a%2Fb",
    "/public/a%5cb", "/public/a\\..\\b", "/public/a%00", "/public/%", "/public/%4", "/public/%zz",
    "/public/%252e%252e/private", "/public/%2541", "/public/%25%32e", "/public/a#b", "/#/public/a",
    "/public/a;v=1", "/public/..;/private/a", "/params/..;/public/a", "/params/;x", "/public/\x80",
    "/public/caf\xc3\xa9", "/public/a\x7f", "/public/a\tb",
]

# Spellings of what a more specific route protects.
PROTECTED = [
    "/public/private/a", "/public/./private/a", "/public//private/a", "/public/x/../private/a",
    "/public/%70rivate/a", "//public/private/a", "/public/private", "/public/%2e/private/",
]
