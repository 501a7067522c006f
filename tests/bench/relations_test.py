"""How rows and bytes are counted and told."""

import sqlite3

from relations import Relation, relations_of_sqlite, size_table


def test_rows_and_pages_are_those_of_the_file(tmp_path):
    path = tmp_path / "some.db"
    database = sqlite3.connect(path)
    with database:
        database.execute("CREATE TABLE wide (id INTEGER PRIMARY KEY, text TEXT, number INTEGER)")
        database.execute("CREATE INDEX by_number ON wide (number)")
        database.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY)")
        database.executemany("INSERT INTO wide (text, number) VALUES (?, ?)", [("x" * 1000, n) for n in range(300)])
    database.close()
    bare, wide = relations_of_sqlite(path)
    assert (bare.name, bare.rows, bare.index_bytes) == ("bare", 0, 0)
    assert (wide.name, wide.rows) == ("wide", 300)
    assert 300_000 < wide.table_bytes < 420_000
    assert 0 < wide.index_bytes < 20_000
    assert path.stat().st_size == bare.bytes + wide.bytes + 4096, "the rest is the page of the schema"


def test_sizes_are_told_per_row_and_for_a_million_people():
    told = size_table([Relation("users", 2_000, 400_000, 100_000), Relation("sessions", 6_000, 600_000, 60_000),
                       Relation("leases", 1, 4096, 0)], people=2_000).splitlines()
    assert told[2:] == ["| users | 2,000 | 200 | 50 | 1,000,000 | 250 |", "| sessions | 6,000 | 100 | 10 | 3,000,000 | 330 |",
                        "| all | | | | | 582 |", "1 small tables take 4,096 B"]
