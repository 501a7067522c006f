"""Figures as a table that can be pasted into the README."""


def table(figures):
    base = next((one.cpu_us for one in figures if one.name == "nginx plain"), figures[0].cpu_us)
    base_name = "nginx plain" if any(one.name == "nginx plain" for one in figures) else figures[0].name
    head = ["", "CPU us/request", "spread", f"vs {base_name}", "rps", "p50 us", "p99 us", "errors",
            "generator", "backend", "slices"]
    rows = [[one.name, f"{one.cpu_us:.1f}", f"{one.spread_us:.1f}", f"{one.cpu_us / base:.2f}",
             f"{one.rps:,.0f}", f"{one.p50_us:,.0f}", f"{one.p99_us:,.0f}", str(one.errors),
             f"{one.generator_busy:.0%}", f"{one.backend_busy:.0%}",
             f"{one.slices}" + (f" ({one.void} void)" if one.void else "")] for one in figures]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]

    def line(cells):
        first, *others = cells
        return "| " + " | ".join([first.ljust(widths[0])] + [
            cell.rjust(width) for cell, width in zip(others, widths[1:])]) + " |"

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([line(head), rule, *[line(row) for row in rows]])
