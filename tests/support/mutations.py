"""Requests that are wrong in many ways, made from right ones by seeded random numbers."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from tests.support.pictures import png_bytes

PICTURE = png_bytes(64, 64)
BOUNDARY = "XmutationX"
CANARY = "canary-prompt-7f3a"
"""A text in every prompt: it must reach no log."""

VALUES: Sequence[Any] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    4,
    2**31,
    2**63,
    2**64,
    10**400,
    1.5,
    -0.0,
    1e308,
    float("nan"),
    float("inf"),
    "",
    " ",
    "0",
    "4",
    "null",
    "\x00",
    "\ud800",
    "é" * 300,
    "a" * 40_000,
    "../../etc/passwd",
    "%00",
    "'; DROP TABLE jobs;--",
    "https://169.254.169.254/latest",
    "file:///etc/passwd",
    "http://127.0.0.1:1/",
    "data:image/png;base64,AAAA",
    "data:;base64," + "A" * 2_000,
    "video_" + "0" * 32,
    "1280x720",
    "9" * 500,
    "９",
    "\u202e",
    "<script>",
    "{}",
    "[]",
    [],
    [[]],
    [None],
    ["a"] * 200,
    {},
    {"": ""},
    {"id": {}},
    {"a": [{"b": {"c": [1, 2, {}]}}]},
    [{"type": "text", "text": 1}],
)
HEADERS: Sequence[tuple[str, str]] = (
    ("content-type", ""),
    ("content-type", "application/json; charset=utf-16"),
    ("content-type", "text/plain"),
    ("content-type", "multipart/form-data"),
    ("content-type", "multipart/form-data; boundary="),
    ("content-type", f"multipart/form-data; boundary={'b' * 300}"),
    ("content-type", "application/x-www-form-urlencoded"),
    ("content-encoding", "gzip"),
    ("content-encoding", "br"),
    ("range", "bytes=0-"),
    ("range", "bytes=5-1"),
    ("range", "bytes=-0"),
    ("range", "bytes=0-1,3-4,9-" + "9" * 40),
    ("if-range", '"x'),
    ("if-none-match", "*"),
    ("if-modified-since", "yesterday"),
    ("idempotency-key", ""),
    ("idempotency-key", "k" * 2_000),
    ("idempotency-key", "\x7f"),
    ("authorization", "Bearer"),
    ("authorization", "Basic Og=="),
    ("authorization", "Bearer sk-" + "a" * 48),
    ("authorization", "Bearer eyJhbGciOiJub25lIn0.e30."),
    ("cookie", "a" * 3_000),
    ("cookie", "=;=;;"),
    ("accept", "text/event-stream"),
    ("accept", "*/*;q=x"),
    ("x-forwarded-for", "not an address"),
    ("x-forwarded-proto", "gopher"),
    ("host", "evil.example"),
    ("host", ""),
    ("origin", "null"),
    ("x-simulate", "fail=x"),
    ("x-hinode-simulate", "slow=nan"),
    ("expect", "200-ok"),
    ("transfer-encoding", "identity"),
    ("upgrade", "h2c"),
    ("sec-fetch-site", "cross-site"),
    ("accept-language", "\xff"),
)


_PARAMETERS = ("limit", "after", "order", "cursor", "variant", "cut", "expires", "signature", "for")


@dataclass(frozen=True, slots=True)
class WireRequest:
    """A request as it is written; ``body`` is final, ``fields`` is it before it was encoded."""

    method: str
    path: str
    fields: Mapping[str, Any] | None = None
    form: str = "json"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    query: str = ""

    def encoded(self) -> bytes:
        """Return the bytes to send."""
        target = self.path + (f"?{self.query}" if self.query else "")
        names = {name for name, _ in self.headers}
        head = [f"{self.method} {target} HTTP/1.1", *(f"{n}: {v}" for n, v in self.headers)]
        if "host" not in names:
            head.append("host: 127.0.0.1")
        if self.body or self.method in ("POST", "PUT", "PATCH"):
            head.append(f"content-length: {len(self.body)}")
        return "\r\n".join(head).encode("latin-1", "replace") + b"\r\n\r\n" + self.body


def mutated(request: WireRequest, rng: random.Random) -> WireRequest:
    """Return the request with one to three things wrong."""
    fields = dict(request.fields or {})
    form = rng.choice(["json", "json", "json", "multipart", "urlencoded"])
    for _ in range(rng.randint(0, 3)):
        _mutate_fields(fields, rng)
    made = replace(request, fields=fields, form=form)
    made = replace(made, body=_encode(fields, form, rng), headers=(*made.headers, _kind(form)))
    for mutate in rng.choices(_MUTATIONS, k=rng.randint(0, 2)):
        made = mutate(made, rng)
    return made


def _mutate_fields(fields: dict[str, Any], rng: random.Random) -> None:
    name = rng.choice([*fields, _junk(rng)])
    match rng.randrange(5):
        case 0:
            fields.pop(name, None)
        case 1 if isinstance(fields.get(name), dict):
            inner = dict(fields[name])
            _mutate_fields(inner, rng)
            fields[name] = inner
        case 2 if isinstance(fields.get(name), list) and fields[name]:
            fields[name] = [*fields[name], rng.choice(VALUES)]
        case 3:
            fields[name] = _nested(rng.choice((3, 40, 2_000)), rng)
        case _:
            fields[name] = rng.choice(VALUES)


def _nested(depth: int, rng: random.Random) -> Any:
    value: Any = rng.choice(VALUES)
    for _ in range(min(depth, 400)):
        value = [value] if rng.random() < 0.5 else {"a": value}
    return value


def _junk(rng: random.Random) -> str:
    return "".join(rng.choices(string.printable, k=rng.randint(1, 12)))


def _encode(fields: Mapping[str, Any], form: str, rng: random.Random) -> bytes:
    if form == "multipart":
        return b"".join(_part(name, value, rng) for name, value in fields.items()) + (
            f"--{BOUNDARY}--\r\n".encode()
        )
    if form == "urlencoded":
        pairs = [(name, _text(value)) for name, value in fields.items()]
        return urlencode(pairs, errors="surrogatepass").encode()
    return json.dumps(fields).encode("utf-8", "surrogatepass")


def _part(name: str, value: Any, rng: random.Random) -> bytes:
    kind, content = "", _text(value).encode("utf-8", "surrogatepass")
    if rng.random() < 0.2:
        kind = f'; filename="{_junk(rng) if rng.random() < 0.3 else "a.png"}"'
        content = rng.choice([PICTURE, PICTURE[:40], b"", b"GIF89a", content])
    head = f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="{name}"{kind}\r\n\r\n'
    return head.encode("utf-8", "surrogatepass") + content + b"\r\n"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _kind(form: str) -> tuple[str, str]:
    kinds = {
        "json": "application/json",
        "multipart": f"multipart/form-data; boundary={BOUNDARY}",
        "urlencoded": "application/x-www-form-urlencoded",
    }
    return "content-type", kinds[form]


def _flip_bytes(made: WireRequest, rng: random.Random) -> WireRequest:
    body = bytearray(made.body)
    for _ in range(rng.randint(1, 8) if body else 0):
        body[rng.randrange(len(body))] = rng.randrange(256)
    return replace(made, body=bytes(body))


def _cut(made: WireRequest, rng: random.Random) -> WireRequest:
    return replace(made, body=made.body[: rng.randrange(len(made.body) + 1)])


def _garbage(made: WireRequest, rng: random.Random) -> WireRequest:
    return replace(made, body=rng.randbytes(rng.choice((1, 30, 3_000))))


def _repeat(made: WireRequest, rng: random.Random) -> WireRequest:
    return replace(made, body=made.body * rng.randint(2, 3))


def _header(made: WireRequest, rng: random.Random) -> WireRequest:
    name, value = rng.choice(HEADERS)
    kept = tuple(one for one in made.headers if one[0] != name or rng.random() < 0.3)
    return replace(made, headers=(*kept, (name, value)))


def _query(made: WireRequest, rng: random.Random) -> WireRequest:
    names = [
        "limit",
        "after",
        "order",
        "cursor",
        "variant",
        "cut",
        "expires",
        "signature",
        "for",
        _junk(rng),
    ]
    pairs = [
        (rng.choice(names), _text(rng.choice(VALUES))[:2_000]) for _ in range(rng.randint(1, 4))
    ]
    return replace(made, query=urlencode(pairs, errors="surrogatepass"))


def _path(made: WireRequest, rng: random.Random) -> WireRequest:
    parts = made.path.split("/")
    place = rng.randrange(1, len(parts))
    parts[place] = quote(_text(rng.choice(VALUES))[:500], safe="", errors="surrogatepass")
    return replace(made, path="/".join(parts))


def _method(made: WireRequest, rng: random.Random) -> WireRequest:
    methods = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
    return replace(made, method=rng.choice(methods))


_MUTATIONS: Sequence[Callable[[WireRequest, random.Random], WireRequest]] = (
    _flip_bytes,
    _cut,
    _garbage,
    _repeat,
    _header,
    _header,
    _query,
    _path,
    _method,
)
