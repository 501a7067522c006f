"""`check` says what routes let through, with file and line, and tries where redirects lead."""

from harness.ports import free_port


def test_check_proves_policy(start_gateway, backend):
    nobody = free_port()
    gateway = start_gateway(routes=[
        {"match": "/api/**", "to": backend.url},
        {"match": "/api/health", "auth": "none", "to": backend.url},
        {"match": "/a", "methods": ["GET"], "to": backend.url},
        {"match": "/a", "methods": ["POST"], "auth": "none", "to": backend.url},
        {"match": "/old/**", "auth": "none", "redirect": {"to": "/nowhere/{rest}"}},
        {"match": "/there", "auth": "none", "redirect": {"to": f"{backend.url}/x"}},
        {"match": "/gone", "auth": "none", "redirect": {"to": f"http://127.0.0.1:{nobody}/x"}}])
    done = gateway.command("check", "--routes")
    place = f"{gateway.config_file}:"
    assert "routes[1]: open (everybody) inside routes[0] (/api/**), which asks for a token" in done.stdout
    assert place in done.stdout
    warnings = [line for line in done.stderr.splitlines() if line.startswith(place) and "warning" in line]
    assert any("routes[3]: POST of this path is open, although GET is guarded" in line for line in warnings)
    assert any("routes[4]: leads to /nowhere/" in line for line in warnings)
    assert f"routes[1]  * /api/health\n    who: everybody\n    to:  {backend.url}\n" in done.stdout

    tried = gateway.command("check", "--connect", check=False)
    assert tried.returncode == 1
    assert f"ok      redirects to {backend.url}" in tried.stdout
    assert f"FAILED  redirects to http://127.0.0.1:{nobody}" in tried.stdout


def test_check_says_what_defeats_a_cache(start_gateway, backend):
    gateway = start_gateway(routes=[
        {"match": "/a/**", "to": backend.url, "cache": {}, "request_headers": {"set": {"X-Asked-As": "{request.id}"}}},
        {"match": "/b/**", "to": backend.url, "cache": {}, "forward_authorization": True}])
    done = gateway.command("check")
    assert "routes[0]: request_headers writes {request.id} into X-Asked-As" in done.stderr
    assert "routes[1]: forward_authorization is on" in done.stdout
