"""What servers say of their own protocol: the schemas in ``tests/contracts/peers``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs

_FOLDER = Path(__file__).parent.parent.parent / "contracts" / "peers"


class Recorded:
    """The schemas of one package, by name."""

    def __init__(self, package: str) -> None:
        self._schemas = json.loads((_FOLDER / f"{package}.json").read_text(encoding="utf-8"))

    def properties(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self._schemas[name]["properties"]
        return found

    def troubles(self, name: str, value: dict[str, Any]) -> list[str]:
        """Say what is wrong with a value; names that the server does not read are wrong, too."""
        unknown = value.keys() - self.properties(name).keys()
        errors = jsonschema_rs.validator_for(self._schemas[name]).iter_errors(value)
        said = [f"{one.instance_path}: {one.message}" for one in errors]
        return [*(f"unknown: {one}" for one in sorted(unknown)), *said]

    def form(self, name: str, fields: dict[str, str | bytes]) -> dict[str, Any]:
        """Return a form's fields as its server reads them: texts as numbers where these belong."""
        known = self.properties(name)
        return {key: _read(text, known.get(key, {})) for key, text in fields.items()}


def _read(text: str | bytes, schema: dict[str, Any]) -> Any:
    if isinstance(text, bytes):
        return "a file"
    kinds = {one.get("type") for one in schema.get("anyOf", [schema])}
    return json.loads(text) if kinds & {"integer", "number", "boolean"} else text
