"""ModelScope's API: what a repository holds, and its files, of public models.

The routes, ``Files`` that is null for an unknown revision, and the SHA-256 of every file are those
of its own client, modelscope 1.x. No account is used.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import httpx

from hinode.engines.diffusers.weights.hub import (
    FileStream,
    Hub,
    HubClient,
    HubError,
    HubFile,
    HubModel,
    ModelHub,
    checked_endpoint,
)
from hinode.engines.diffusers.weights.names import HubName

_MASTER = "master"
_COMMIT_LENGTH = 40


class ModelScopeHub:
    """The hub ModelScope."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = checked_endpoint(endpoint, "MODELSCOPE_ENDPOINT")
        self._client = HubClient(None, "MODELSCOPE_ENDPOINT names its address, ")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def model(self, name: HubName) -> HubModel:
        """Return a revision of a repository. Raises :class:`HubError`."""
        params = {"Revision": name.revision or _MASTER, "Recursive": "true"}
        response = self._client.get(self._url(name, "/repo/files"), params)
        if response.status_code != httpx.codes.OK:
            raise self._refused(response, name)
        try:
            listed = response.json()["Data"]["Files"]
            files = None if listed is None else _files(listed)
        except (ValueError, KeyError, TypeError, AttributeError):
            message = f"{self._endpoint} does not answer as ModelScope. Check MODELSCOPE_ENDPOINT."
            raise HubError("hub_invalid", message) from None
        if files is None:
            raise HubError(
                "revision_missing",
                f"{name.repository} has no revision {name.revision or _MASTER}: see "
                f"{self._page(name)}/files",
            )
        return HubModel(name.repository, _content_id(files), self._licence(name), files)

    def open(
        self, name: HubName, model: HubModel, path: str, start: int
    ) -> AbstractContextManager[FileStream]:
        """Open a file from a byte on; the part may begin earlier. Raises :class:`HubError`."""
        params = {"Revision": name.revision or _MASTER, "FilePath": path}
        url = self._url(name, "/repo")
        return self._client.open(url, params, start, lambda found: self._refused(found, name))

    def _licence(self, name: HubName) -> str | None:
        """Return the licence that the model's page names; None without one."""
        response = self._client.get(self._url(name), {})
        try:
            found = response.json()["Data"]["License"]
        except (ValueError, KeyError, TypeError):
            return None
        return str(found) if found else None

    def _url(self, name: HubName, of: str = "") -> str:
        return f"{self._endpoint}/api/v1/models/{name.repository}{of}"

    def _page(self, name: HubName) -> str:
        return f"{self._endpoint}/models/{name.repository}"

    def _refused(self, response: httpx.Response, name: HubName) -> HubError:
        status = response.status_code
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            message = (
                f"{self._page(name)} needs an account, which is not supported: get it with "
                "ModelScope's own client, and name its folder."
            )
            return HubError("model_gated", message)
        if status == httpx.codes.NOT_FOUND:
            message = f"{self._page(name)} is not there, or private: check the name."
            return HubError("model_missing_at_hub", message)
        return HubError("hub_failed", f"{self._endpoint} answered {status}: try later.")


def hub_from_environment(environment: Mapping[str, str] = os.environ) -> ModelHub:
    """Return ModelScope where ``MODELSCOPE_ENDPOINT`` names it, else the hub of ``HF_ENDPOINT``."""
    endpoint = environment.get("MODELSCOPE_ENDPOINT")
    return ModelScopeHub(endpoint) if endpoint else Hub.from_environment(environment)


def _files(listed: list[Mapping[str, Any]]) -> tuple[HubFile, ...]:
    """Return the files; those without a digest, which cannot be proved, are left out."""
    return tuple(
        HubFile(str(one["Path"]), int(one["Size"]), str(one["Sha256"]))
        for one in listed
        if one["Type"] == "blob" and one.get("Sha256")
    )


def _content_id(files: tuple[HubFile, ...]) -> str:
    """Return what stands for a commit, which the API does not name: a digest of all files."""
    lines = sorted(f"{one.path} {one.digest}" for one in files)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:_COMMIT_LENGTH]
