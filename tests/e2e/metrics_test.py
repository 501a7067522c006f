"""Metrics as Prometheus and those who watch it meet them: the text, the rules, the dashboard and the docs
say the same."""

import json
import pathlib
import re
import subprocess
import threading
import urllib.request

import pytest

from harness import wait_until
from harness.prometheus import MONITORING, Prometheus
from harness.raw_backend import closing_at_once, sending

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
ALERTS = (MONITORING / "alerts.yml").read_text()
ALERT_NAMES = re.findall(r"- alert: (\w+)", ALERTS)
# What rules and panels may take from others: Prometheus makes `up` of each scrape.
OF_OTHERS = {"up"}


@pytest.fixture
def workers():
    return 2


def families(text):
    """By the name of the family: its type and its help."""
    helps = dict(re.findall(r"^# HELP (\S+) (.*)$", text, re.MULTILINE))
    types = dict(re.findall(r"^# TYPE (\S+) (.*)$", text, re.MULTILINE))
    assert helps.keys() == types.keys()
    return {name: (types[name], helps[name]) for name in types}


def series(text):
    return [line.rpartition(" ")[0] for line in text.splitlines() if line and not line.startswith("#")]


def names_in(expression):
    """The metrics that an expression asks for."""
    return set(re.findall(r"\b(?:gatehouse|process)_\w+|\bup\b(?=\{)", expression))


def family_of(name):
    return re.sub(r"_(bucket|sum|count)$", "", name)


def rows_of_the_docs():
    """Name, type, labels and help, as docs/METRICS.md has them."""
    text = (DOCS / "METRICS.md").read_text()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()
            if re.match(r"\| `(gatehouse|process)_", line)]


def scrape(gateway, accept=""):
    request = urllib.request.Request(gateway.admin_url + "/metrics", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def use_everything(gateway):
    """A little of all that a gateway does."""
    auth = gateway.auth()
    pair = auth.register("ada")
    auth.call("/login", {"username": "ada", "password": "a wrong password"})
    fresh = auth.refresh(pair)
    auth.try_refresh(pair.refresh)
    for method in ("GET", "POST"):
        assert gateway.ask(method, "/items/1", fresh.bearer).status == 200
    assert gateway.ask("GET", "/public/a").status == 200
    assert gateway.ask("GET", "/items/1").status == 401
    auth.logout(fresh)


def wait_for_requests(gateway, count):
    """Until so many were counted, beside those that ask for figures: only then no series is still to come."""
    def counted():
        lines = [line for line in gateway.admin("/metrics")[1].splitlines()
                 if line.startswith("gatehouse_requests_total{") and 'route="admin"' not in line]
        return sum(float(line.split()[-1]) for line in lines)
    wait_until(lambda: counted() == count, f"{count} requests to be counted")


def test_promtool_finds_nothing_to_complain_about(gateway):
    use_everything(gateway)
    text = gateway.admin("/metrics")[1]
    checked = subprocess.run(["/usr/bin/promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                             timeout=300)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@pytest.mark.parametrize("arguments", [["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"],
                                       ["check", "config", "prometheus.yml"]], ids=" ".join)
def test_promtool_accepts_the_rules(arguments):
    checked = subprocess.run(["/usr/bin/promtool", *arguments], cwd=MONITORING, capture_output=True, text=True,
                             timeout=300)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_each_alert_is_tested():
    tested = re.findall(r"- name: (\w+) (fires|is quiet)", (MONITORING / "alerts_test.yml").read_text())
    assert sorted(tested) == sorted((name, what) for name in ALERT_NAMES for what in ("fires", "is quiet"))


def test_each_alert_has_its_section_in_the_runbook():
    text = (DOCS / "OPERATIONS.md").read_text()
    section = re.search(r"^## Alerts\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[1]
    assert re.findall(r"^### (\w+)$", section, re.MULTILINE) == ALERT_NAMES
    links = re.findall(r"runbook_url: docs/OPERATIONS.md#(\w+)", ALERTS)
    assert links == [name.lower() for name in ALERT_NAMES]


def test_the_docs_list_every_metric(start_gateway, backend):
    text = start_gateway(backend).admin("/metrics")[1]
    expected = sorted(f"| `{name}` | {kind} | {words} |" for name, (kind, words) in families(text).items())
    listed = [f"| {name} | {kind} | {words} |" for name, kind, _, words in rows_of_the_docs()]
    assert sorted(listed) == expected, "docs/METRICS.md should list:\n" + "\n".join(expected)


def test_the_docs_name_the_labels(gateway):
    use_everything(gateway)
    found = {}
    for each in series(gateway.admin("/metrics")[1]):
        name, _, labels = each.partition("{")
        found.setdefault(family_of(name), set()).update(set(re.findall(r"(\w+)=", labels)) - {"le"})
    listed = {name.strip("`"): set(re.findall(r"`(\w+)`", labels)) for name, _, labels, _ in rows_of_the_docs()}
    for name, labels in found.items():
        assert listed[name] == labels, name


def test_rules_and_dashboard_ask_for_metrics_that_exist(gateway):
    known = families(gateway.admin("/metrics")[1]).keys() | OF_OTHERS
    for name in names_in(ALERTS) | names_in((MONITORING / "dashboard.json").read_text()):
        assert family_of(name) in known or name in known, name


def test_what_a_client_sends_names_no_series(gateway):
    use_everything(gateway)
    gateway.ask("BREW", "/public/a")
    gateway.ask("GET", "/public/..%2f")
    wait_for_requests(gateway, 11)
    before = set(series(gateway.admin("/metrics")[1]))
    for i in range(60):
        gateway.ask(f"X{i}", f"/public/{i}")
        gateway.ask("GET", f"/public/{i}?q={i}", {"Host": f"host-{i}.example", "User-Agent": f"agent {i}"})
        gateway.ask("GET", f"/items/{i}", {"Authorization": f"Bearer {i}.{i}.{i}"})
        gateway.auth().call("/login", {"username": f"user-{i}", "password": "a wrong password"})
        gateway.ask("POST", f"/auth/nothing-{i}")
    wait_until(lambda: gateway.metric("gatehouse_requests_by_method_total", method="other") >= 61, "all to count")
    text = gateway.admin("/metrics")[1]
    grown = set(series(text)) - before
    # A refusal that was not met before is one series, and there are only so many codes.
    assert all("gatehouse_auth_calls_total" in each or 'status="4xx"' in each for each in grown), grown
    assert len(grown) <= 5, grown


def test_routes_are_counted_by_name_up_to_a_limit(start_gateway, backend):
    routes = [{"match": "/first/**", "auth": "none", "to": f"http://127.0.0.1:{backend.port}", "name": "first-ones"}]
    routes += [{"match": f"/r{i}/**", "auth": "none", "to": f"http://127.0.0.1:{backend.port}"} for i in range(9)]
    gateway = start_gateway(backend, routes=routes, metrics={"routes": 3})
    for path in ("/first/1", "/r0/1", "/r1/1", "/r2/1", "/r8/1", "/nowhere"):
        gateway.ask("GET", path)
    # A request is counted when its answer is out.
    wait_until(lambda: gateway.metric("gatehouse_requests_total", route="none", status="4xx") == 1, "the last one")
    wait_until(lambda: gateway.metric("gatehouse_requests_total", route="other", status="2xx") == 2, "the others")
    for label, count in {"first-ones": 1, "/r0/**": 1, "/r1/**": 1, "/r2/**": 0}.items():
        gateway.wait_for_metric(count, "gatehouse_requests_total", route=label, status="2xx")
    gateway.wait_for_metric(2, "gatehouse_request_duration_seconds_count", route="other")


def test_an_upstream_that_answers_is_measured(gateway, backend):
    assert gateway.ask("GET", "/public/a").status == 200
    for name in ("gatehouse_upstream_first_byte_seconds_count", "gatehouse_upstream_duration_seconds_count"):
        wait_until(lambda: gateway.metric(name, upstream=backend.url) == 1, name)
    gateway.wait_for_metric(1, "gatehouse_upstream_requests_total", upstream=backend.url, status="2xx")
    assert gateway.metric("gatehouse_upstream_failures_total", upstream=backend.url) == 0


def test_an_upstream_that_fails_is_blamed(gateway, backend):
    backend.behaviour = closing_at_once()
    assert gateway.ask("GET", "/public/a").status == 502
    wait_until(lambda: gateway.metric("gatehouse_upstream_requests_total", upstream=backend.url, status="none") == 1,
               "the request to be counted")
    gateway.wait_for_metric(1, "gatehouse_upstream_failures_total", upstream=backend.url, code="upstream_reset")
    assert gateway.metric("gatehouse_upstream_duration_seconds_count", upstream=backend.url) == 0


@pytest.mark.parametrize("goes_on, code, reason", [
    pytest.param(lambda exchange: None, "upstream_reset", "the upstream is gone", id="dies"),
    pytest.param(lambda exchange: exchange.send(b"this is no chunk\r\n"), "upstream_protocol",
                 "the upstream sends what cannot be read", id="sends garbage"),
    pytest.param(lambda exchange: exchange.hang(), "upstream_timeout", "the upstream sends nothing", id="hangs"),
])
def test_an_answer_that_is_cut_off_is_blamed_on_its_upstream(start_gateway, backend, goes_on, code, reason):
    begun = threading.Event()

    def half_of_an_answer(exchange):
        exchange.read_request()
        exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nonly\r\n")
        assert begun.wait(30)
        goes_on(exchange)
    backend.behaviour = half_of_an_answer
    gateway = start_gateway(backend, deadlines={"response_gap": "1s"})
    with gateway.connect() as client:
        client.request("GET", "/public/a")
        client.read_until(b"only")
        begun.set()
        client.read_to_end()
    gateway.wait_for_metric(1, "gatehouse_upstream_failures_total", upstream=backend.url, code=code)
    line = gateway.process.wait_for_line(lambda line: '"path":"/public/a"' in line, "the line of the request")
    assert f'"reason":"cut off: {reason}"' in line


def test_each_scraper_gets_the_format_it_asks_for(gateway):
    use_everything(gateway)
    wait_for_requests(gateway, 9)
    kind, text = scrape(gateway)
    assert kind.startswith("text/plain; version=0.0.4") and "# EOF" not in text
    kind, newer = scrape(gateway, "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5")
    assert kind.startswith("application/openmetrics-text; version=1.0.0") and newer.endswith("\n# EOF\n")
    assert "# TYPE gatehouse_requests counter\n" in newer and "# TYPE gatehouse_build info\n" in newer
    assert set(series(text)) == set(series(newer))


@pytest.fixture
def watched(start_gateway, backend, tmp_path):
    """A gateway, and a Prometheus that watches it with our rules, only more impatiently."""
    gateway = start_gateway(backend)
    rules = re.sub(r"(?m)^( +for:) .*$", r"\1 0s", ALERTS)
    prometheus = Prometheus(tmp_path / "prometheus", [gateway], rules)
    yield gateway, prometheus
    prometheus.stop()


def test_a_real_prometheus_scrapes_it_and_its_rules_fire(watched):
    gateway, prometheus = watched
    use_everything(gateway)
    wait_until(lambda: prometheus.query('gatehouse_requests_total{status="2xx"} > 0'), "the first scrape", 60)
    # A scrape may come too late on a busy machine, and then the target is down until the next one.
    wait_until(lambda: (prometheus.targets()[0]["health"], prometheus.targets()[0]["lastError"]) == ("up", ""), "a good scrape", 60)
    assert sorted(rule["name"] for rule in prometheus.rules()) == sorted(ALERT_NAMES)
    wait_until(lambda: all(rule["health"] == "ok" for rule in prometheus.rules()), "the rules to be evaluated", 60)
    wait_until(lambda: not prometheus.firing() & {"GatehouseDown", "GatehouseNotReady", "GatehouseStoreDown"}, "no alert", 60)

    gateway.kill()
    wait_until(lambda: "GatehouseDown" in prometheus.firing(), "the alert to fire", 60)


def panel_queries():
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


# What shows nothing as long as nothing of that kind has happened.
MAY_BE_EMPTY = {("Keys", "gatehouse_key_next_rotation_timestamp_seconds")}


def test_every_panel_of_the_dashboard_shows_something(watched):
    gateway, prometheus = watched
    use_everything(gateway)
    wait_until(lambda: prometheus.query('gatehouse_auth_calls_total{call="refresh",outcome="ok"} > 0'),
               "the first scrape", 60)
    empty = {}

    def all_show():
        gateway.ask("GET", "/public/a")
        empty.clear()
        for title, expression in panel_queries():
            ready = re.sub(r'\$(instance|route|upstream)\b', ".*", expression).replace("$__rate_interval", "1m")
            assert "$" not in ready, expression
            optional = any(title == panel and name in expression for panel, name in MAY_BE_EMPTY)
            if not prometheus.query(ready) and not optional:
                empty[title] = ready
        return not empty

    try:
        wait_until(all_show, "all panels to show something", 60)
    except AssertionError as late:
        raise AssertionError(f"these panels show nothing: {empty}") from late


def test_the_dashboard_is_whole():
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    panels = dashboard["panels"]
    numbers = [panel["id"] for panel in panels]
    assert len(set(numbers)) == len(numbers)
    taken = set()
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24, panel["title"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken, f"{panel['title']} lies over another"
        taken |= cells
        for target in panel.get("targets", []):
            assert target["datasource"]["uid"] == "${datasource}", panel["title"]
