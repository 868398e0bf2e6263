"""A model hub's API: what a repository holds, and its files. Hugging Face and its mirrors speak it.

Model information, files with ``Range``, and the codes in ``X-Error-Code`` are those of
huggingface_hub 2.4. The token goes to the hub only, never to the stores that it redirects to.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self
from urllib.parse import quote, urlsplit

import httpx

from hinode._version import __version__
from hinode.engines.base import EngineError
from hinode.engines.diffusers.weights.names import HubName
from hinode.kit.safe_fetch import default_ssl_context

DEFAULT_ENDPOINT = "https://huggingface.co"
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_MAIN = "main"


class HubError(EngineError):
    """A model that the hub does not give; the message has the remedy."""


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository: its size, and its SHA-256 or, of a small file, its Git blob's id."""

    path: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class HubModel:
    """A revision of a repository; ``repository`` is its name now, if it has moved."""

    repository: str
    commit: str
    licence: str | None
    files: tuple[HubFile, ...]


@dataclass(frozen=True, slots=True)
class FileStream:
    """A file's bytes from ``start`` on."""

    start: int
    chunks: Iterator[bytes]


class HubClient:
    """The connections to a hub; ``remedy`` is what to do where it cannot be reached."""

    def __init__(self, token: str | None, remedy: str) -> None:
        self._remedy = remedy
        headers = {"User-Agent": f"hinode/{__version__}"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._client = httpx.Client(
            headers=headers,
            timeout=_TIMEOUT,
            follow_redirects=True,
            verify=default_ssl_context(),
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, url: str, params: Mapping[str, str]) -> httpx.Response:
        """Return an answer. Raises :class:`HubError`."""
        with self._reaching(url):
            return self._client.get(url, params=dict(params))

    @contextmanager
    def open(
        self,
        url: str,
        params: Mapping[str, str],
        start: int,
        refused: Callable[[httpx.Response], HubError],
    ) -> Iterator[FileStream]:
        """Open a file from a byte on; the part may begin earlier. Raises :class:`HubError`."""
        headers = {"Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        stream = self._client.stream("GET", url, params=dict(params), headers=headers)
        with self._reaching(url), stream as response:
            if response.status_code not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
                raise refused(response)
            partial = response.status_code == httpx.codes.PARTIAL_CONTENT
            # As they come: what was gathered for larger pieces would be lost by a cut.
            yield FileStream(start if partial else 0, response.iter_raw())

    @contextmanager
    def _reaching(self, url: str) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            place = urlsplit(url)
            raise HubError(
                "hub_unreachable",
                f"{place.scheme}://{place.netloc} cannot be reached, or cut the connection "
                f"({type(error).__name__}). Run the command again: it goes on where it stopped. "
                f"{self._remedy}HTTPS_PROXY names a proxy.",
            ) from None


class ModelHub(Protocol):
    """A hub that models are got from."""

    def model(self, name: HubName) -> HubModel:
        """Return a revision of a repository. Raises :class:`HubError`."""

    def open(
        self, name: HubName, model: HubModel, path: str, start: int
    ) -> AbstractContextManager[FileStream]:
        """Open a file from a byte on; the part may begin earlier. Raises :class:`HubError`."""

    def close(self) -> None:
        """Close the connections."""


class Hub:
    """A hub that speaks as Hugging Face does, with the token of an account there or without one."""

    def __init__(self, endpoint: str, token: str | None) -> None:
        self._endpoint = checked_endpoint(endpoint, "HF_ENDPOINT")
        self._token = token
        self._client = HubClient(token, "HF_ENDPOINT names a mirror, ")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Return the hub of ``HF_ENDPOINT``, with the token of ``HF_TOKEN`` or of a log-in.

        Raises :class:`HubError` for what is no address or no token.
        """
        endpoint = environment.get("HF_ENDPOINT") or DEFAULT_ENDPOINT
        given = environment.get("HF_TOKEN") or _stored_token(environment)
        return cls(endpoint, given and _checked_token(given))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def model(self, name: HubName) -> HubModel:
        """Return a revision of a repository. Raises :class:`HubError`."""
        revision = quote(name.revision or _MAIN, safe="")
        url = f"{self._endpoint}/api/models/{name.repository}/revision/{revision}"
        response = self._client.get(url, {"blobs": "true"})
        if response.status_code != httpx.codes.OK:
            raise self._refused(response, name)
        try:
            return _model(response.json())
        except (ValueError, KeyError, TypeError, AttributeError):
            message = f"{self._endpoint} does not answer as a model hub. Check HF_ENDPOINT."
            raise HubError("hub_invalid", message) from None

    def open(
        self, name: HubName, model: HubModel, path: str, start: int
    ) -> AbstractContextManager[FileStream]:
        """Open a file from a byte on; the part may begin earlier. Raises :class:`HubError`."""
        url = f"{self._endpoint}/{model.repository}/resolve/{model.commit}/{quote(path)}"
        return self._client.open(url, {}, start, lambda response: self._refused(response, name))

    def _refused(self, response: httpx.Response, name: HubName) -> HubError:
        code, status = response.headers.get("X-Error-Code", ""), response.status_code
        page = f"{self._endpoint}/{name.repository}"
        if code == "GatedRepo" or status == httpx.codes.FORBIDDEN:
            account = (
                "the account that HF_TOKEN belongs to"
                if self._token
                else "an account, and set HF_TOKEN to a token of it"
            )
            message = f"{name} is gated: accept its licence at {page} with {account}."
            return HubError("model_gated", message)
        if code == "RevisionNotFound":
            message = f"{name.repository} has no revision {name.revision}: see {page}/tree/main"
            return HubError("revision_missing", message)
        if code == "EntryNotFound":
            message = f"{page} lists a file that it does not give: try later, or another revision."
            return HubError("hub_failed", message)
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.NOT_FOUND):
            message = (
                f"{page} is not there, or private: check the name, or set HF_TOKEN to that of "
            )
            return HubError("model_missing_at_hub", message + "an account that may see it.")
        message = f"{self._endpoint} answered {status}: try later, or name a mirror in HF_ENDPOINT."
        return HubError("hub_failed", message)


def checked_endpoint(text: str, variable: str) -> str:
    """Return the address of a hub, to add paths to. Raises :class:`HubError` for what is none."""
    try:
        httpx.URL(text)
        parsed = urlsplit(text)
        is_address = parsed.scheme in ("http", "https") and bool(parsed.hostname)
    except (httpx.InvalidURL, ValueError):
        is_address = False
    if not is_address:
        message = f"{variable} is no address of a hub: {text!r}. Write https://, a host, and a path"
        raise HubError("hub_invalid", f"{message} if the mirror has one.")
    return text.rstrip("/")


def _checked_token(text: str) -> str:
    token = text.strip()
    if not (token.isascii() and token.isprintable()):
        message = "HF_TOKEN, or the token of your log-in, has characters that no token has. Copy"
        raise HubError("hub_invalid", f"{message} it again from your settings at the hub.")
    return token


def _stored_token(environment: Mapping[str, str]) -> str | None:
    """Return the token that a log-in of the hub's own command stored; None without one."""
    home = environment.get("HF_HOME") or "~/.cache/huggingface"
    path = environment.get("HF_TOKEN_PATH") or f"{home}/token"
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def _model(found: Mapping[str, Any]) -> HubModel:
    files = (_file(one) for one in found["siblings"])
    return HubModel(str(found["id"]), str(found["sha"]), _licence(found), tuple(files))


def _file(found: Mapping[str, Any]) -> HubFile:
    large = found.get("lfs")
    digest = large["sha256"] if large else found["blobId"]
    return HubFile(str(found["rfilename"]), int(found["size"]), str(digest))


def _licence(found: Mapping[str, Any]) -> str | None:
    card = found.get("cardData") or {}
    named = card.get("license")
    return str(card.get("license_name") or named) if named else None


def parse_json(content: bytes) -> dict[str, Any]:
    """Return the object in a JSON file of a repository. Raises :class:`HubError`."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise HubError("hub_invalid", "The model's index is no JSON object: report it at the hub.")
    return found
