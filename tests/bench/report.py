"""Figures as tables that can be pasted into the README, and goals beside them."""


def number(value, form):
    return "-" if value is None else format(value, form)


# Heading, and the cell of one peer; `base` are the figures ratios refer to.
COLUMNS = [
    ("", lambda one, base: one.name),
    ("CPU us/request", lambda one, base: f"{one.cpu_us:.1f}"),
    ("ms", lambda one, base: number(one.cpu_us / 1000 if one.cpu_us >= 1000 else None, ".1f")),
    ("spread", lambda one, base: f"{one.spread_us:.1f}"),
    ("vs {base}", lambda one, base: f"{one.cpu_us / base.cpu_us:.2f}"),
    ("rps", lambda one, base: f"{one.rps:,.0f}"),
    ("p50 us", lambda one, base: f"{one.p50_us:,.0f}"),
    ("p99 us", lambda one, base: f"{one.p99_us:,.0f}"),
    ("p99.9 us", lambda one, base: f"{one.p999_us:,.0f}"),
    ("system calls", lambda one, base: number(one.system_calls, ".2f")),
    ("store CPU us", lambda one, base: number(one.store_us, ",.0f")),
    ("commits", lambda one, base: number(one.commits, ".3f")),
    ("idle B", lambda one, base: number(one.idle_bytes, ",.0f")),
    ("errors", lambda one, base: str(one.errors)),
    ("generator", lambda one, base: f"{one.generator_busy:.0%}"),
    ("backend", lambda one, base: f"{one.backend_busy:.0%}"),
    ("slices", lambda one, base: f"{one.slices}" + (f" ({one.void} void)" if one.void else "")),
]


def table(figures):
    base = next((one for one in figures if one.name == "nginx plain"), figures[0])
    rows = [[heading.format(base=base.name) for heading, _ in COLUMNS],
            *[[cell(one, base) for _, cell in COLUMNS] for one in figures]]
    told = [column for column in range(len(COLUMNS)) if any(row[column] != "-" for row in rows[1:])]
    return aligned([[row[column] for column in told] for row in rows])


def aligned(rows):
    """A Markdown table; the first row are its headings, the first column its names."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def line(row):
        cells = [cell.rjust(width) if column else cell.ljust(width)
                 for column, (cell, width) in enumerate(zip(row, widths, strict=True))]
        return "| " + " | ".join(cells) + " |"

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([line(rows[0]), rule, *[line(row) for row in rows[1:]]])


WORDS = {"cpu_us": "CPU", "rps": "requests per second", "p50_us": "p50", "p99_us": "p99",
         "idle_bytes": "memory per idle connection"}


def verdicts(figures, goals):
    """One line a goal, with what is the case."""
    named = {one.name: one for one in figures}
    for goal in goals:
        if goal.peer not in named or goal.other not in named:
            continue
        ratio = getattr(named[goal.peer], goal.figure) / getattr(named[goal.other], goal.figure)
        verdict = "reached" if ratio <= goal.reach else "met" if ratio <= goal.must else "MISSED"
        yield (f"{verdict:8} {WORDS[goal.figure]} of {goal.peer} / {goal.other}: {ratio:.2f} "
               f"(must {goal.must:.2f}, reach {goal.reach:.2f})")


def feed_row(told, own_processes):
    """What bench_feeds told of one rate; `own_processes` are those its server has without clients."""
    quiet = told["rate"] == 0
    delays = ["-" if quiet else f"{told[name] / 1000:.1f}" for name in ("p50_us", "p99_us", "longest_us")]
    return [f"{told['rate']:.0f}", f"{told['logouts']:.0f}", *delays, f"{told['server_cpu']:.2f}",
            f"{told['own_cpu']:.2f}", str(told["server_processes"] - own_processes)]
