"""Paths in every spelling: what becomes of them, and the routes that they are told apart by."""


def routes_to(url):
    """Public above, protected below, and a place that takes path parameters."""
    return [
        {"match": "/public/**", "auth": "none", "to": url},
        {"match": "/public/private/**", "to": url},
        {"match": "/params/**", "auth": "none", "allow_path_params": True, "to": url},
        {"match": "/params/private/**", "allow_path_params": True, "to": url},
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
    ("/public/privateer", "/public/privateer"),
    ("/public/PRIVATE/a", "/public/PRIVATE/a"),
    ("/public/private./a", "/public/private./a"),
    ("/public/private%20/a", "/public/private%20/a"),
    ("/public/.../private/a", "/public/.../private/a"),
    ("/public/..private/a", "/public/..private/a"),
    ("/public/~/private/a", "/public/~/private/a"),
    ("/public/*/private/a", "/public/*/private/a"),
    ("/public/a:b@c,d+e=f&g$h!i'(j)", "/public/a:b@c,d+e=f&g$h!i'(j)"),
    ("/params/private%3bx/a", "/params/private%3bx/a"),
    ("/params/private%3Bx/..", "/params/"),
    ("/params/x;/y", "/params/x;/y"),
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
    "/params/%2e%2e;x/private/a", "/params/x/.;/private/a", "/params/%2E;/a", "/public/%5C..%5cprivate/a",
    "/public/private%0a", "/public/a%0d%0aX-User-Id:%20root", "/private%0A/a", "/public/%09", "/public/a%7f",
    "/public/..%3b/private/a", "/public/x/%2e%2e%3Bx/private/a", "/public/.%2e/%2e./%2e%2e/x", "/public/%u002e%u002e/private", "/public/a%2", "/public/a%\xff",
]

# Spellings of what a more specific route protects.
PROTECTED = [
    "/public/private/a", "/public/./private/a", "/public//private/a", "/public/x/../private/a",
    "/public/x/%2e%2e/private/a", "/public/x/.%2E/private/a", "/x/..//public/private/a", "/public/private//a",
    "/public/x/y/../../private/a", "/public/priva%74e/%61", "/params/private;x=1/a", "/params/private;/a",
    "/params/x;y/../private/a", "/params/priv%61te;x/a", "/params/private;x/../private/a",
    "/public/%70rivate/a", "//public/private/a", "/public/private", "/public/%2e/private/",
]

# Fields that one server, framework or proxy or another takes for the path, or for a piece of it.
NAMES_OF_A_PATH = ["SCRIPT_NAME", "Script-Name", "script_name", "PATH_INFO", "Path-Info", "X-Script-Name", "X_SCRIPT_NAME",
                   "REQUEST_URI", "X-Original-URL", "X-Rewrite-URL", "X-Original-URI", "X-Forwarded-Prefix",
                   "X-Forwarded-Uri", "X-Envoy-Original-Path"]
