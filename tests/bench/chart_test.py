"""The chart, read back as whoever shows it would."""

import json
import pathlib
import re
import subprocess
import sys
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from chart import DARK, LIGHT, chart

TITLE = "GET 1 KiB"
PEERS = {"nginx plain": 28.6, "haproxy jwt ES256": 157.24, "gatehouse ES256": 25.0, "forwarder": 18.1}


def drawn(peers, title=TITLE):
    text = chart(title, [SimpleNamespace(name=name, cpu_us=cpu_us) for name, cpu_us in peers.items()])
    return ElementTree.fromstring(text)


def elements(svg, tag, kind=None):
    return [one for one in svg.iter("{http://www.w3.org/2000/svg}" + tag)
            if kind is None or kind in one.get("class", "").split()]


def texts(svg):
    return [one.text for one in elements(svg, "text")]


def bars(svg):
    return [one for one in elements(svg, "rect") if one.get("class") in ("bar", "ours")]


def test_each_peer_has_its_bar_and_value_the_cheapest_first():
    svg = drawn(PEERS)
    told = [text for text in texts(svg) if text in PEERS or re.fullmatch(r"[\d.]+", text)]
    assert told == ["forwarder", "18.1", "gatehouse ES256", "25.0", "nginx plain", "28.6", "haproxy jwt ES256", "157.2"]


def test_bars_are_as_long_as_their_values_and_stay_inside():
    svg = drawn(PEERS)
    lengths = [float(bar.get("width")) for bar in bars(svg)]
    for length, value in zip(lengths, sorted(PEERS.values()), strict=True):
        assert length / lengths[-1] == pytest.approx(value / 157.24, rel=0.01)
    room = float(svg.get("width")) - float(bars(svg)[-1].get("x")) - lengths[-1]
    assert room > 8 * len("1,234.5"), "the longest bar leaves no room for its value"


def test_ours_stand_out():
    svg = drawn(PEERS)
    assert [bar.get("class") for bar in bars(svg)] == ["bar", "ours", "bar", "bar"]
    assert "gatehouse ES256" in [one.text for one in elements(svg, "text", "strong")]
    assert LIGHT["ours"] != LIGHT["bar"] and DARK["ours"] != DARK["bar"]


def test_the_floor_is_a_line_at_the_end_of_its_bar():
    svg = drawn(PEERS)
    line, = elements(svg, "rect", "floor")
    bar = bars(svg)[0]
    middle = float(line.get("x")) + float(line.get("width")) / 2
    assert middle == pytest.approx(float(bar.get("x")) + float(bar.get("width")), abs=0.2)
    assert elements(drawn({"nginx plain": 28.6}), "rect", "floor") == []


def test_it_says_what_it_shows_to_who_cannot_see_it():
    svg = drawn(PEERS)
    assert svg.get("role") == "img"
    title, = elements(svg, "title")
    desc, = elements(svg, "desc")
    assert svg.get("aria-labelledby").split() == [title.get("id"), desc.get("id")]
    assert TITLE in title.text
    for name, value in PEERS.items():
        assert f"{name} {value:.1f}" in desc.text


def test_names_are_text_whatever_they_contain():
    hostile = """</text><script>&"'"""
    svg = drawn({hostile: 1.0, "gatehouse": 2.0}, title=hostile)
    assert texts(svg).count(hostile) == 2
    assert elements(svg, "script") == []


def luminance(colour):
    channels = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear))


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name, least", [("text", 7), ("quiet", 4.5), ("floor", 4.5), ("ours", 3), ("bar", 3)])
def test_it_is_legible_in_light_and_in_dark(colours, name, least):
    """WCAG 2's contrast with the ground: 4.5 for small text, 3 for shapes that mean something."""
    high, low = sorted([luminance(colours[name]), luminance(colours["ground"])], reverse=True)
    assert (high + 0.05) / (low + 0.05) >= least


def test_both_colour_schemes_are_in_it():
    style, = elements(drawn(PEERS), "style")
    light, dark = style.text.split("@media (prefers-color-scheme:dark)")
    for name in LIGHT:
        assert f".{name}{{fill:{LIGHT[name]}}}" in light and f".{name}{{fill:{DARK[name]}}}" in dark


def test_saved_figures_draw_the_same_chart(tmp_path):
    saved = {"get": {"title": "GET", "figures": [{"name": name, "cpu_us": value} for name, value in PEERS.items()]},
             "post": {"title": "POST", "figures": [{"name": "gatehouse", "cpu_us": 30.0}]}}
    file = tmp_path / "figures.json"
    file.write_text(json.dumps(saved))

    def draw(*arguments):
        program = pathlib.Path(__file__).with_name("chart.py")
        return subprocess.run([sys.executable, program, file, *arguments], capture_output=True, text=True, check=True).stdout
    assert ElementTree.tostring(drawn(PEERS, "GET")) == ElementTree.tostring(ElementTree.fromstring(draw()))
    assert "POST" in texts(ElementTree.fromstring(draw("post")))
