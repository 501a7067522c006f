"""Settings of a running gateway that change, and what it says of that."""

import json
import os

from .waiting import wait_until

PATIENCE = 30.0


def replaced(gateway, text):
    """The file, as editors and tools write it: whole, by rename."""
    new = gateway.folder / "new.yaml"
    new.write_text(text)
    os.replace(new, gateway.config_file)


def changed(gateway, **settings):
    gateway.settings.update(settings)
    replaced(gateway, json.dumps(gateway.settings))


def generation(gateway):
    return gateway.metric("gatehouse_config_generation")


def reloads(gateway, result="ok"):
    return gateway.metric("gatehouse_config_reloads_total", result=result)


def wait_for_generation(gateway, number):
    wait_until(lambda: generation(gateway) == number, f"generation {number}", PATIENCE)


def wait_for_result(gateway, result, count):
    wait_until(lambda: reloads(gateway, result) >= count, f"{count} {result} reloads", PATIENCE)


def told(gateway, event, count=1):
    """The log's lines of this event, once there are so many: they are written by a thread of their own."""
    def lines():
        found = [json.loads(line) for line in gateway.process.lines() if '"log":"config"' in line]
        return [line for line in found if line["event"] == event]
    wait_until(lambda: len(lines()) >= count, f"{count} lines of {event}", PATIENCE)
    return lines()


def status(gateway, target):
    return gateway.ask("GET", target).status


def routes_to(backend, first="/public/**"):
    return [{"match": first, "auth": "none", "to": backend.url}, {"match": "/**", "to": backend.url}]
