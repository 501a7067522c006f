"""Whether an answer is one that an OpenAPI document of this project describes: status, fields, content
type and body. It knows the words of JSON Schema that these documents use, and fails at any other."""

import json
import pathlib
import re

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "docs" / "openapi"

# Every answer may have these.
USUAL_FIELDS = {"content-type", "content-length", "cache-control", "date", "connection", "x-request-id"}
ANNOTATIONS = {"description", "default"}
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def kinds_of(value):
    """The types of JSON Schema that a value has."""
    if value is None:
        return {"null"}
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, int):
        return {"integer", "number"}
    return {{float: "number", str: "string", list: "array", dict: "object"}[type(value)]}


class OpenApi:
    def __init__(self, name, prefix=""):
        self.document = json.loads((FOLDER / name).read_text())
        self._prefix = prefix

    def calls(self):
        """Method, path and operation of every call; ids in paths are nobody's."""
        for path, operations in self.document["paths"].items():
            prefix = "" if "servers" in operations else self._prefix
            for method, operation in operations.items():
                if method != "servers":
                    yield method.upper(), prefix + re.sub(r"\{\w+\}", "nobody", path), operation

    def faults(self, operation, answer, with_body=True):
        """What is in an answer and not in the document, as texts."""
        described = operation["responses"].get(str(answer.status))
        if described is None:
            return [f"the status {answer.status}: {answer.body[:200]!r}"]
        described = self._resolved(described)
        fields = {name.lower() for name in described.get("headers", {})}
        found = [f"the field {name} of {answer.status}" for name, _ in answer.fields
                 if name.lower() not in USUAL_FIELDS | fields]
        content = described.get("content", {})
        media_type = answer.get("Content-Type")
        if (media_type or None) not in (content or {None: None}):
            return [*found, f"the media type {media_type} of {answer.status}"]
        if not with_body:
            return found
        if not content:
            return found + ([f"a body of {answer.status}"] if answer.body else [])
        return found + list(self._misfits(content[media_type]["schema"], answer.json(), "body"))

    def _resolved(self, part):
        while "$ref" in part:
            target = self.document
            for word in part["$ref"].split("/")[1:]:
                target = target[word]
            part = target
        return part

    def _misfits(self, schema, value, place):
        schema = self._resolved(schema)
        for word, said in schema.items():
            if word not in ANNOTATIONS:
                yield from getattr(self, "_" + word)(said, value, place, schema)

    def _type(self, said, value, place, _):
        if not kinds_of(value) & set([said] if isinstance(said, str) else said):
            yield f"{place}: {value!r} is not {said}"

    def _const(self, said, value, place, _):
        if value != said:
            yield f"{place}: {value!r} is not {said!r}"

    def _enum(self, said, value, place, _):
        if value not in said:
            yield f"{place}: {value!r} is none of {said}"

    def _minimum(self, said, value, place, _):
        if value < said:
            yield f"{place}: {value} is below {said}"

    def _maximum(self, said, value, place, _):
        if value > said:
            yield f"{place}: {value} is above {said}"

    def _format(self, said, value, place, _):
        if value is not None and (said != "date-time" or not DATE_TIME.fullmatch(value)):
            yield f"{place}: {value!r} is no {said}"

    def _allOf(self, said, value, place, _):
        for each in said:
            yield from self._misfits(each, value, place)

    def _required(self, said, value, place, _):
        yield from (f"{place} has no {name}" for name in said if name not in value)

    def _properties(self, said, value, place, _):
        for name in said.keys() & value.keys():
            yield from self._misfits(said[name], value[name], f"{place}.{name}")

    def _additionalProperties(self, said, value, place, schema):
        assert said is False, said
        yield from (f"{place}.{name}" for name in value.keys() - schema.get("properties", {}).keys())

    def _items(self, said, value, place, _):
        for number, each in enumerate(value):
            yield from self._misfits(said, each, f"{place}[{number}]")
