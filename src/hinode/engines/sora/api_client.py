"""Requests of one account: its token on every request, a sentinel on some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from hinode.engines.remote.http import FilePart
from hinode.engines.sora.transport import ApiRequest, HttpTransport

SENTINEL = "openai-sentinel-token"


@dataclass(frozen=True, slots=True)
class ApiClient:
    """Requests with one access token. ``sentinel`` is sent with creates if given."""

    transport: HttpTransport
    access_token: str = field(repr=False)
    sentinel: str | None = None

    async def get(self, path: str, **query: str | int | None) -> object:
        """GET; members of the query that are None are left out."""
        given = {name: str(value) for name, value in query.items() if value is not None}
        return await self._request("GET", path, query=given)

    async def post(
        self, path: str, body: Mapping[str, object], *, with_sentinel: bool = False
    ) -> object:
        """POST a JSON body, to a ``with_sentinel`` endpoint with the sentinel header."""
        headers = {SENTINEL: self.sentinel} if with_sentinel and self.sentinel else {}
        return await self._request("POST", path, body=body, headers=headers)

    async def upload(self, path: str, file: FilePart, form: Mapping[str, str]) -> object:
        """POST a file and other parts of a form."""
        return await self._request("POST", path, file=file, form=form)

    async def delete(self, path: str) -> None:
        """DELETE; the body of the response is ignored."""
        await self._request("DELETE", path)

    async def _request(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        form: Mapping[str, str] | None = None,
        file: FilePart | None = None,
    ) -> object:
        request = ApiRequest(
            method,
            self.transport.urls.base + path,
            headers={"authorization": f"Bearer {self.access_token}", **(headers or {})},
            query=query or {},
            body=body,
            form=form or {},
            file=file,
            secrets=(self.access_token,),
        )
        return await self.transport.send(request)


def quote_path_part(identifier: str) -> str:
    """Percent-encode an id of the server as one segment of a path."""
    return quote(identifier, safe="").replace(".", "%2E")
