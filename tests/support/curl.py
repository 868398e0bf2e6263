"""Reads curl command lines as documents give them, into requests that can be sent."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

import httpx

_BLOCK = re.compile(r"^## (?P<title>.+?)\n\n```bash\n(?P<command>.+?)```", re.DOTALL | re.MULTILINE)
_FORM = re.compile(r'(?P<name>[^=]+)=(?P<file>@?)"?(?P<value>.*?)"?', re.DOTALL)


@dataclass
class CurlCall:
    """One command: what it would send."""

    method: str = "GET"
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    data: str | None = None
    parts: list[tuple[str, tuple[str | None, bytes]]] = field(default_factory=list)

    def send(self, client: httpx.Client) -> httpx.Response:
        """Send it, following redirects as `--location` does."""
        headers = dict(self.headers)
        if self.parts:
            # curl adds its boundary to a Content-Type that is given with a form.
            headers = {name: one for name, one in headers.items() if name != "content-type"}
        return client.request(
            self.method,
            self.url,
            headers=headers,
            content=self.data.encode() if self.data is not None else None,
            files=self.parts or None,
            follow_redirects=True,
        )


def commands(document: str) -> dict[str, str]:
    """Return the commands of a document by the headings above them."""
    return {match["title"]: match["command"] for match in _BLOCK.finditer(document)}


def read_curl(command: str) -> CurlCall:
    """Read a command line with the options that the documents use."""
    # Python's splitter does not know lines that go on.
    program, *words = shlex.split(command.replace("\\\n", " "))
    assert program == "curl"
    call, rest = CurlCall(), iter(words)
    for word in rest:
        match word:
            case "--location":
                pass
            case "--request" | "-X":
                call.method = next(rest)
            case "--header" | "-H":
                name, _, value = next(rest).partition(":")
                call.headers[name.lower()] = value.strip()
            case "--data-raw" | "-d":
                call.data = next(rest)
            case "--form":
                call.parts.append(_part(next(rest)))
            case url if not url.startswith("-") and not call.url:
                call.url = url
            case other:
                raise AssertionError(f"this reader of curl does not know {other}")
    return call


def _part(text: str) -> tuple[str, tuple[str | None, bytes]]:
    match = _FORM.fullmatch(text)
    assert match is not None
    if match["file"]:
        path = Path(match["value"])
        return match["name"], (path.name, path.read_bytes())
    return match["name"], (None, match["value"].encode())
