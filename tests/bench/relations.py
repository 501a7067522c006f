"""How many rows a store's tables have, and how many bytes they take."""

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True)
class Relation:
    """A table with its indexes; `table_bytes` include what is stored out of line."""
    name: str
    rows: int
    table_bytes: int
    index_bytes: int

    @property
    def bytes(self):
        return self.table_bytes + self.index_bytes


def relations_of_sqlite(path):
    """As SQLite itself counts the pages. A table WITHOUT ROWID is its own index."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    pages = dict(database.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))
    tables = [name for name, in database.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")]
    indexes = database.execute("SELECT tbl_name, name FROM sqlite_schema WHERE type = 'index'").fetchall()
    found = [Relation(table, database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0], pages.get(table, 0),
                      sum(pages.get(name, 0) for of, name in indexes if of == table)) for table in tables]
    database.close()
    return found


def relations_of_postgres(server):
    """Of what is live: pages that an UPDATE has left behind are counted too, as they are there."""
    tables = server.sql("SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class WHERE relkind = 'r' "
                        "AND relnamespace = 'gatehouse'::regnamespace ORDER BY relname")
    return [Relation(name, int(server.sql(f"SELECT count(*) FROM gatehouse.{name}")[0][0]), int(size), int(indexes))
            for name, size, indexes in tables]


def size_table(relations, people):
    """For so many people, per row and as it would be for a million of them."""
    def line(name, one):
        per_row = [f"{part / one.rows:,.0f}" for part in (one.table_bytes, one.index_bytes)]
        return (f"| {name} | {one.rows:,} | {per_row[0]} | {per_row[1]} | {one.rows / people * 1e6:,.0f} "
                f"| {one.bytes / people:,.0f} |")

    told = [one for one in relations if one.rows >= people / 1000]
    small = [one for one in relations if one not in told]
    lines = ["| table | rows | B/row | B/row in indexes | rows per million people | MB per million people |",
             "| --- | --- | --- | --- | --- | --- |", *[line(one.name, one) for one in told]]
    total = sum(one.bytes for one in relations)
    lines.append(f"| all | | | | | {total / people:,.0f} |")
    if small:
        lines.append(f"{len(small)} small tables take {sum(one.bytes for one in small):,} B")
    return "\n".join(lines)
