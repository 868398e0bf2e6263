"""One account's way of asking a server: its token on every request, a sentinel on some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from hinode.engines.remote.http import FilePart
from hinode.engines.sora.link import Ask, Link

SENTINEL = "openai-sentinel-token"


@dataclass(frozen=True, slots=True)
class Calls:
    """Requests with one access token. ``sentinel`` is sent with creates where it is given."""

    link: Link
    access_token: str = field(repr=False)
    sentinel: str | None = None

    async def get(self, path: str, **query: str | int | None) -> object:
        """GET; members of the query that are None are left out."""
        given = {name: str(value) for name, value in query.items() if value is not None}
        return await self._ask("GET", path, query=given)

    async def post(self, path: str, body: Mapping[str, object], *, guarded: bool = False) -> object:
        """POST a JSON body, to a ``guarded`` endpoint with the sentinel header."""
        headers = {SENTINEL: self.sentinel} if guarded and self.sentinel else {}
        return await self._ask("POST", path, body=body, headers=headers)

    async def upload(self, path: str, file: FilePart, form: Mapping[str, str]) -> object:
        """POST a file and other parts of a form."""
        return await self._ask("POST", path, file=file, form=form)

    async def delete(self, path: str) -> None:
        """DELETE; whatever the answer says, it is done."""
        await self._ask("DELETE", path)

    async def _ask(
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
        ask = Ask(
            method,
            self.link.place.base + path,
            headers={"authorization": f"Bearer {self.access_token}", **(headers or {})},
            query=query or {},
            body=body,
            form=form or {},
            file=file,
            secrets=(self.access_token,),
        )
        return await self.link.ask(ask)


def part(identifier: str) -> str:
    """Spell an id of the server's as one part of a path, whatever stands in it."""
    return quote(identifier, safe="").replace(".", "%2E")
