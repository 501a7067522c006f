#!/usr/bin/python3
"""Processor time per request as a picture for the README.

    tests/bench/chart.py FIGURES.json [WORKLOAD] > CHART.svg

draws what `tests/bench/run --json FIGURES.json` saved; `tests/bench/run --chart CHART.svg` draws at
once. The picture needs no font, script or page of its own, and follows the reader's colour scheme.
"""

import json
import sys
from types import SimpleNamespace
from xml.etree import ElementTree

OURS, FLOOR = "gatehouse", "forwarder"

LIGHT = {"ground": "#ffffff", "text": "#1f2328", "quiet": "#59636e", "bar": "#818b98", "ours": "#0969da",
         "floor": "#bc4c00"}
DARK = {"ground": "#0d1117", "text": "#f0f6fc", "quiet": "#9198a1", "bar": "#656c76", "ours": "#4493f8",
        "floor": "#f0883e"}

WIDTH, MARGIN = 800, 16
BARS_FROM, BARS_TO = 210, 730  # x; names stand before a bar, its value behind it
HEAD, ROW, BAR, FOOT = 68, 26, 16, 30


def style():
    def fills(colours):
        return "".join(f".{name}{{fill:{colour}}}" for name, colour in colours.items())
    return (f"text{{font:13px system-ui,sans-serif}}.title{{font-size:16px}}.title,.strong{{font-weight:600}}"
            f"{fills(LIGHT)}@media (prefers-color-scheme:dark){{{fills(DARK)}}}")


def chart(title, figures):
    """The SVG text: a bar for each peer, the cheapest first."""
    rows = sorted(figures, key=lambda one: one.cpu_us)
    height = HEAD + ROW * len(rows) + FOOT
    scale = (BARS_TO - BARS_FROM) / rows[-1].cpu_us
    svg = ElementTree.Element("svg", {
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {WIDTH} {height}", "width": str(WIDTH),
        "height": str(height), "role": "img", "aria-labelledby": "title desc"})

    def add(tag, text=None, **attributes):
        element = ElementTree.SubElement(svg, tag, {key: str(value) for key, value in attributes.items()})
        element.text = text

    def write(x, y, text, kind, **more):
        add("text", text, x=x, y=y, **{"class": kind}, **more)

    add("title", f"Processor time per request: {title}", id="title")
    add("desc", "Microseconds, less is better: " + ", ".join(f"{one.name} {one.cpu_us:.1f}" for one in rows), id="desc")
    add("style", style())
    add("rect", width=WIDTH, height=height, rx=6, **{"class": "ground"})
    write(MARGIN, 30, title, "title text")
    write(MARGIN, 50, "CPU time of the proxy per request in µs, less is better", "quiet")
    for number, one in enumerate(rows):
        top, ours = HEAD + ROW * number, one.name.startswith(OURS)
        middle, length = top + BAR - 3, round(one.cpu_us * scale, 1)
        kind = "text strong" if ours else "text"
        write(BARS_FROM - 8, middle, one.name, kind, **{"text-anchor": "end"})
        add("rect", x=BARS_FROM, y=top, width=length, height=BAR, rx=2, **{"class": "ours" if ours else "bar"})
        write(BARS_FROM + length + 6, middle, f"{one.cpu_us:.1f}", kind)
    for floor in (one for one in rows if one.name == FLOOR):
        x = round(BARS_FROM + floor.cpu_us * scale, 1)
        add("rect", x=x - 1, y=HEAD - 4, width=2, height=ROW * len(rows) + 2, **{"class": "floor"})
        write(x - 1, height - 12, "the floor: carries the bytes, parses nothing", "floor")
    ElementTree.indent(svg, " ")
    return ElementTree.tostring(svg, encoding="unicode") + "\n"


def main(file, workload=None):
    with open(file) as saved:
        workloads = json.load(saved)
    chosen = workloads[workload or next(iter(workloads))]
    sys.stdout.write(chart(chosen["title"], [SimpleNamespace(**one) for one in chosen["figures"]]))


if __name__ == "__main__":
    main(*sys.argv[1:])
