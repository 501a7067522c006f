"""People who are in a gateway's store already, and those who are about to come."""

import base64
import json
import sqlite3
import struct
from dataclasses import dataclass
from pathlib import Path

NEWCOMERS = 100_000


@dataclass(frozen=True)
class Lines:
    """A file of lines of one length, for the generator to put into requests."""
    path: Path
    count: int
    endless: bool = False  # the first may follow the last

    @classmethod
    def write(cls, path, lines, endless=False):
        path.write_text("".join(f"{line}\n" for line in lines))
        return cls(path, len(lines), endless)

    @property
    def first(self):
        with open(self.path) as lines:
            return lines.readline().strip()


class Accounts:
    """`count` people in `names`, each with one live session whose first refresh token is in
    `refresh_tokens`. They are written straight into the store of a gateway that does not run, where one
    person has registered: all the others have that one's password."""

    def __init__(self, folder, store, token_set, count):
        self.refresh_tokens = Lines(token_set.refresh_tokens(count), count)
        self.names = Lines.write(folder / "names", [f"person-{number:06}" for number in range(count)], endless=True)
        self.newcomers = Lines.write(folder / "newcomers", [f"newcomer-{number:06}" for number in range(NEWCOMERS)])
        with open(self.refresh_tokens.path) as tokens, open(self.names.path) as names:
            people = [(name.strip(), claims_of(token)) for name, token in zip(names, tokens)]
        database = sqlite3.connect(store)
        with database:
            insert(database, people)
        database.close()


def commits_of(store):
    """Transactions of a store that is in use, as SQLite counts them in the head of the WAL index: iChange of
    https://sqlite.org/walformat.html. Good for differences."""
    with open(f"{store}-shm", "rb") as index:
        return struct.unpack("=8xI", index.read(12))[0]


def claims_of(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def insert(database, people):
    password_hash, = database.execute("SELECT password_hash FROM users").fetchone()
    database.executemany(
        "INSERT INTO users (id, username, folded_username, password_hash, roles, blocked, created) "
        "VALUES (?, ?, ?, ?, '', 0, ?)",
        ((claims["sub"], name, name, password_hash, claims["iat"]) for name, claims in people))
    database.executemany("INSERT INTO names (folded, user_id) VALUES (?, ?)",
                         ((name, claims["sub"]) for name, claims in people))
    database.executemany(
        "INSERT INTO sessions (id, user_id, generation, issued_at, expires_at, login_at, used_ms, delivery, "
        "address, user_agent) VALUES (?, ?, ?, ?, ?, ?, ?, 0, '', '')",
        ((claims["sid"], claims["sub"], claims["gen"], claims["iat"], claims["exp"], claims["iat"],
          claims["iat"] * 1000) for _, claims in people))
