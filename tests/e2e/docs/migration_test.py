"""docs/migrate: both ends of each way, and what is said on it, tried with the programs that are at hand."""

import json
import pathlib
import re
import subprocess

import pytest
import yaml

from harness import NodeService, RawBackend, RawClient
from harness.auth_client import PASSWORD
from harness.nginx import Nginx
from harness.pages import ROOT, snippet
from harness.ports import free_port
from harness.postgres import Postgres
from harness.shell import lines_of

TESTS = ROOT / "tests"
PAGES = sorted((ROOT / "docs" / "migrate").glob("*.md"))
SECRETS = {"ACCESS_TOKEN_SECRET": "0123456789abcdef0123456789abcdef", "REFRESH_TOKEN_SECRET": "r" * 32}
# Of "U*U*", as bcrypt of another maker writes it.
HASH = "$2y$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"


@pytest.fixture
def begin(start_gateway, backend):
    """A function that starts a gateway with a configuration of a page: where it listens and where its services are is
    the test's own, all else stays. More settings may replace sections."""
    def start(text, environment=None, upstream=None, **more):
        settings = yaml.safe_load(text)
        settings.pop("listen", None)
        for route in settings["routes"]:
            route["to"] = upstream or backend.url
        return start_gateway(environment=environment or {}, **{**settings, **more})
    return start


@pytest.fixture
def run_nginx(tmp_path):
    started = []

    def run(blocks, **replaced):
        port = free_port()
        started.append(Nginx(tmp_path, blocks, port, {"listen 80": f"listen 127.0.0.1:{port}", **replaced}))
        return started[-1]
    yield run
    for nginx in started:
        nginx.stop()


def ask(port, method, target, fields=(), body=None):
    with RawClient(port) as client:
        return client.exchange(method, target, fields, body)


def json_call(port, path, **members):
    return ask(port, "POST", path, [("Content-Type", "application/json")], json.dumps(members).encode())


def said_missing(page):
    """What a guide says is not there yet."""
    told = re.search(r"\[list\]\(\.\./DESIGN\.md#9-promised-here-not-built-yet\)\): (.*?)\.$", page.read_text(), re.M)
    return told[1].split(", ") if told else []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_guide_says_is_missing_is_missing(page):
    missing = (ROOT / "docs" / "DESIGN.md").read_text().split("## 9.")[1]
    assert said_missing(page), "each page says it, in the same words"
    assert [each for each in said_missing(page) if each not in missing] == []


# ---- nginx ------------------------------------------------------------------------------------


def verdict_of_the_old_service(exchange):
    """What stood at /check: it knows one token, and who has it."""
    while True:
        request = exchange.read_request()
        good = request.all("Authorization") == ["Bearer old"]
        exchange.respond(b"", "200 OK" if good else "401 Unauthorized", {"X-User": "7"} if good else {})


@pytest.fixture
def old_service():
    running = RawBackend(verdict_of_the_old_service)
    yield running
    running.stop()


def test_nginx_asks_somebody_else_and_services_see_the_same(begin, backend, run_nginx, old_service, shell_of):
    before = run_nginx(snippet("docs/migrate/nginx-auth-request.md", "4000/check"),
                       **{"127.0.0.1:4000": f"127.0.0.1:{old_service.port}", "127.0.0.1:3000": f"127.0.0.1:{backend.port}"})
    assert ask(before.port, "GET", "/orders", [("X-User", "root")]).status == 401
    assert ask(before.port, "GET", "/orders", [("X-User", "root"), ("Authorization", "Bearer old")]).status == 200
    assert backend.last.all("X-User") == ["7"]

    text = snippet("docs/migrate/nginx-auth-request.md", "nginx: what it says of the request")
    gateway = begin(text)
    [_, explained] = shell_of(gateway).type(snippet("docs/migrate/nginx-auth-request.md", "gatehouse explain"))
    assert "token_missing" in explained.output
    after = run_nginx(snippet("docs/migrate/nginx-auth-request.md", "return 404"),
                      **{"127.0.0.1:8080": f"127.0.0.1:{gateway.port}", "127.0.0.1:3000": f"127.0.0.1:{backend.port}"})
    (gateway.folder / "users.json").write_text(json.dumps({"id": "7", "username": "ann", "passwordHash": HASH}) + "\n")
    gateway.command("user", "import", "users.json")
    login = json_call(after.port, "/auth/login", username="ann", password="U*U*")
    bearer = [("Authorization", f"Bearer {login.json()['accessToken']}")]

    assert ask(after.port, "GET", "/orders", [("X-User", "root")]).status == 401
    assert ask(after.port, "GET", "/orders", [("X-User", "root"), *bearer]).status == 200
    assert backend.last.all("X-User") == ["7"] and backend.last.all("Authorization") == []
    assert ask(after.port, "GET", "/public/a", [("X-User", "root")]).status == 200
    assert backend.last.all("X-User") == []
    assert ask(after.port, "GET", "/admin/a", bearer).status == 403

    # No client names another request than its own, and nobody reaches the one who judges past nginx.
    for field in ("X-Original-URL", "X-Forwarded-Uri"):
        assert ask(after.port, "GET", "/orders", [(field, "/public/a")]).status == 401
    assert ask(after.port, "GET", "/public/../orders").status == 401
    assert ask(after.port, "GET", "/auth/verify", bearer).status == 404

    # The last step: the same file, and Gatehouse forwards.
    assert gateway.ask("GET", "/orders", [("X-User", "root"), ("x_user", "root"), *bearer]).status == 200
    assert backend.last.all("X-User") == ["7"] and {"x_user", "authorization"}.isdisjoint(backend.last.names())

    assert ask(after.port, "POST", "/auth/logout", bearer, b"").status == 204
    assert ask(after.port, "GET", "/orders", bearer).status == 401


def test_cookies_are_taken_and_not_renewed_where_nginx_only_asks(start_gateway, backend):
    gateway = start_gateway(trusted_proxies=["127.0.0.1/32"], auth={"delivery": "cookie"},
                            routes=[{"match": "/**", "session_cookie": True, "to": backend.url}])
    gateway.auth().register("ada")
    login = gateway.auth().call("/login", {"username": "ada", "password": PASSWORD})
    cookies = dict(value.split(";")[0].split("=", 1) for value in login.all("Set-Cookie"))

    def verdict(*names):
        return gateway.ask("GET", "/auth/verify", [
            ("Cookie", "; ".join(f"{name}={cookies[name]}" for name in names)),
            ("X-Original-Method", "GET"), ("X-Original-URL", "http://gateway.test/page")])
    assert verdict("access_token", "refresh_token").status == 200
    refused = verdict("refresh_token")
    assert refused.status == 401 and refused.all("Set-Cookie") == []


def test_users_of_a_database_move_in(gateway, shell_of):
    with Postgres() as server:
        server.sql("CREATE TABLE users (id int, login text, password_hash text);"
                   f"INSERT INTO users VALUES (7, 'ann', '{HASH}'); GRANT SELECT ON users TO PUBLIC")
        place = shell_of(gateway, environment={"DATABASE": server.url(), "PGPASSWORD": server.password})
        _, _, done = place.type(snippet("docs/migrate/nginx-auth-request.md", "json_build_object"))
    assert done.output.startswith("1 imported")
    assert gateway.auth().login("ann", "U*U*").user_id == "7"


# ---- oauth2-proxy -----------------------------------------------------------------------------


def test_pages_of_oauth2_proxy(begin, backend, shell_of):
    gateway = begin(snippet("docs/migrate/oauth2-proxy.md", "X-Auth-Request-Preferred-Username"), trusted_proxies=["10.0.0.0/8"])
    place = shell_of(gateway)
    (place.folder / "users.htpasswd").write_text(f"ada:{HASH}\nann@example.com:{HASH}\n")
    place.type(snippet("docs/migrate/oauth2-proxy.md", "users.json"))

    login = gateway.auth().call("/login", {"username": "ada", "password": "U*U*"})
    cookies = "; ".join(value.split(";")[0] for value in login.all("Set-Cookie"))
    page = gateway.ask("GET", "/admin/", [("Cookie", cookies), ("X-Auth-Request-User", "root"), ("X_Auth_Request_Groups", "root")])
    assert page.status == 200
    seen = backend.last
    assert seen.all("X-Auth-Request-User") == [login.json()["user"]["id"]]
    assert seen.all("X-Auth-Request-Preferred-Username") == ["ada"] and seen.all("X-Auth-Request-Groups") == ["admin"]
    assert "x_auth_request_groups" not in seen.names() and seen.all("Cookie") == []

    other = gateway.auth().call("/login", {"email": "ann@example.com", "password": "U*U*"})
    cookies = "; ".join(value.split(";")[0] for value in other.all("Set-Cookie"))
    assert gateway.ask("GET", "/", [("Cookie", cookies)]).status == 200
    assert backend.last.all("X-Auth-Request-Email") == ["ann@example.com"]
    assert gateway.ask("GET", "/admin/", [("Cookie", cookies)]).status == 403
    assert gateway.ask("GET", "/").status == 401, "and no redirect"
    for open_to_all in ("/health", "/sign-in/page"):
        assert gateway.ask("GET", open_to_all).status == 200
    assert json_call(gateway.port, "/auth/register", username="eve", password=PASSWORD).status == 403


def run_in_node(script, folder=TESTS):
    done = subprocess.run(["node", "--input-type=module", "-e", script], capture_output=True, text=True, timeout=60, cwd=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_page_signs_in(gateway):
    gateway.auth().register("ada")
    page = snippet("docs/migrate/oauth2-proxy.md", "location.assign")
    told = run_in_node(f"""
        const here = globalThis.fetch, username = 'ada', password = '{PASSWORD}';
        globalThis.location = {{ assign: (place) => console.log('went to', place) }};
        globalThis.fetch = (path, options) => here('{gateway.url}' + path, options);
        {page}""")
    assert told.strip() == "went to /"


# ---- Kong -------------------------------------------------------------------------------------


def test_the_plugin_of_kong_takes_our_tokens(begin, backend, shell_of):
    """Its rules, by jsonwebtoken: the credential is the one whose key is `iss`, then signature and `exp` with its secret."""
    text = snippet("docs/migrate/kong-jwt.md", "X-Consumer-Custom-ID")
    [consumer] = yaml.safe_load(snippet("docs/migrate/kong-jwt.md", "_format_version"))["consumers"]
    [credential] = consumer["jwt_secrets"]
    check = [line for line, _ in lines_of(snippet("docs/migrate/kong-jwt.md", "export ACCESS_TOKEN_SECRET"))]
    assert check[0] == f"export ACCESS_TOKEN_SECRET={credential['secret']}" and check[-1] == "gatehouse run"
    gateway = begin(text, environment={**SECRETS, "ACCESS_TOKEN_SECRET": credential["secret"]})
    shell_of(gateway).type("\n".join(check[:-1]))

    pair = gateway.auth().register("ada")
    told = json.loads(run_in_node(f"""
        import jwt from 'jsonwebtoken';
        const credential = {json.dumps(credential)}, token = '{pair.access}';
        if (jwt.decode(token).iss !== credential.key) throw new Error('no credential');
        const claims = jwt.verify(token, credential.secret, {{ algorithms: [credential.algorithm] }});
        const old = jwt.sign({{ sub: '{pair.user_id}' }}, credential.secret, {{ issuer: credential.key, expiresIn: '1h' }});
        console.log(JSON.stringify({{ exp: claims.exp, old }}));"""))
    assert told["exp"]
    assert gateway.ask("GET", "/orders", [*pair.bearer.items(), ("X-Consumer-Username", "root")]).status == 200
    assert backend.last.all("X-Consumer-Custom-ID") == [pair.user_id]
    assert backend.last.all("X-Consumer-Username") == ["ada"]
    refused = gateway.ask("GET", "/orders", [("Authorization", f"Bearer {told['old']}")])
    assert refused.error_code() == "token_invalid", "as the page says: it takes its own only"


def test_what_kong_sends_on_reaches_the_gateway(gateway):
    """The service that is added to Kong's file leads where the auth API is."""
    [service] = yaml.safe_load(snippet("docs/migrate/kong-jwt.md", "name: gatehouse"))
    [route] = service["routes"]
    assert route["paths"] == ["/auth"] and route["strip_path"] is False and service["url"].endswith(":8080")
    assert json_call(gateway.port, route["paths"][0] + "/register", username="ada", password=PASSWORD).status == 201


# ---- Express ----------------------------------------------------------------------------------


@pytest.fixture
def express():
    running = NodeService(pathlib.Path("profiles") / "express_redis.cjs", SECRETS)
    yield running
    running.stop()


def old_token(kind):
    """As the tutorial's server signed it."""
    return run_in_node(f"""
        import jwt from 'jsonwebtoken';
        console.log(jwt.sign({{}}, '{SECRETS[kind]}', {{ expiresIn: '1h', issuer: 'pickurpage.com', audience: '7' }}));""").strip()


def test_express_keeps_its_secrets_and_its_users(begin, express, shell_of):
    """R30: an old token opens nothing here; the service itself still takes it, while the route leaves it to the service."""
    first = snippet("docs/migrate/express.md", "auth: none, to: http://127.0.0.1:3500, forward_authorization")
    profile = yaml.safe_load((ROOT / "deploy" / "profiles" / "express-redis.yaml").read_text())
    assert yaml.safe_load(first)["auth"] == profile["auth"], "it is the profile that other tests hold to the real client"
    gateway = begin(first, environment=SECRETS, upstream=express.url)
    place = shell_of(gateway, programs={"mongoexport": 'while [ "$1" != --out ]; do shift; done; cp exported "$2"'},
                     environment={"MONGODB": "mongodb://127.0.0.1"})
    environment_file(place.folder)
    (place.folder / "exported").write_text(json.dumps({"_id": "7", "email": "ann@example.com", "password": HASH}) + "\n")
    place.type(snippet("docs/migrate/express.md", "mongoexport"))

    before = [("Authorization", f"Bearer {old_token('ACCESS_TOKEN_SECRET')}")]
    assert gateway.ask("GET", "/", before).json()["user"] == "7", "nobody notices"
    pair = json_call(gateway.port, "/auth/login", email="ann@example.com", password="U*U*").json()
    assert set(pair) == {"accessToken", "refreshToken"}
    after = [("Authorization", f"Bearer {pair['accessToken']}")]
    assert gateway.ask("GET", "/", after).json()["user"] == "7", "the service reads the same from a new token"
    refused = json_call(gateway.port, "/auth/refresh-token", refreshToken=old_token("REFRESH_TOKEN_SECRET"))
    assert refused.status == 401, "there is no session behind it"

    gateway.stop()
    second = begin(snippet("docs/migrate/express.md", "match: /public/**"), environment=SECRETS, upstream=express.url,
                   tokens={"issuer": "pickurpage.com", "algorithm": "HS256"}, store=f"sqlite:{gateway.folder}/gatehouse.db")
    assert second.ask("GET", "/", before).error_code() == "token_invalid"
    answer = second.ask("GET", "/", after).json()
    assert answer["user"] == answer["header"] == "7"


def environment_file(folder):
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in SECRETS.items()))


def test_the_secrets_come_from_the_file_that_express_has(tmp_path, shell):
    text = snippet("docs/migrate/express.md", "auth: none, to: http://127.0.0.1:3500, forward_authorization")
    (tmp_path / "gatehouse.yaml").write_text(text.replace("0.0.0.0:3000", f"127.0.0.1:{free_port()}") + "admin: off\n")
    environment_file(tmp_path)
    place = shell(tmp_path)
    shown, _ = place.type(snippet("docs/migrate/express.md", "cat .env"))
    assert [name for name in SECRETS if name not in shown.output or name not in shown.said] == []
    run = snippet("docs/migrate/express.md", "gatehouse run --env-file .env").strip()
    shell.start(place, run).wait_for_line(lambda line: '"event":"started"' in line, "that it runs")


def test_the_service_believes_the_header(start_gateway, tmp_path):
    """The route of the last step in a service of the rest of the first one."""
    route = snippet("docs/migrate/express.md", "req.headers['x-user-id']")
    before = snippet("docs/migrate/express.md", "app.use('/auth', AuthRoute)")
    assert route.splitlines()[0].replace("(req", "verifyAccessToken, async (req") == before.splitlines()[2]
    service = tmp_path / "service.cjs"
    service.write_text("const express = require('express');\nconst app = express();\n"
                       + route + "app.listen(Number(process.argv[2]), '127.0.0.1');\n")
    running = NodeService(service, {"NODE_PATH": str(TESTS / "node_modules")})
    try:
        gateway = start_gateway(running)
        pair = gateway.auth().register("ada")
        assert gateway.ask("GET", "/", [*pair.bearer.items(), ("X-User-Id", "root")]).json() == {"user": pair.user_id}
    finally:
        running.stop()
