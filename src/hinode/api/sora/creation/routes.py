"""The routes that make something, and those that take what it is made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.bearer import secret_of
from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.jsontext import dump
from hinode.api.sora.countries import check_country
from hinode.api.sora.creation import answers
from hinode.api.sora.creation.asked import Asked, read_asked, read_extension, read_storyboard
from hinode.api.sora.creation.enhancing import enhance, read_expansion
from hinode.api.sora.creation.pictures import read_pictures
from hinode.api.sora.creation.uploads import Kept, keep, read_upload
from hinode.api.sora.creation.verbs import Created, CreationVerbs
from hinode.api.values import Fields, Value, text
from hinode.studio.access.types import Caller

MOST_JSON_BYTES = 1_000_000
"""Of a body without files: the longest prompt fits, escaped."""


@dataclass(slots=True)
class CreationRoutes:
    """One method per route; each returns a finished response and raises for the handlers.

    The header `openai-sentinel-token` is accepted in any form and never asked for.
    """

    context: ApiContext
    verbs: CreationVerbs = field(init=False)

    def __post_init__(self) -> None:
        context = self.context
        self.verbs = CreationVerbs(context.studio, context.members, context.filing)

    async def create(self, request: Request) -> Response:
        """Make a video: from words, from a picture (`inpaint_items`), or from another video.

        The job is in `nf/pending` before the answer leaves.
        """
        return _json(answers.created(await self._create(request, read_asked)))

    async def create_many(self, request: Request) -> Response:
        """Make up to four videos of one prompt (`nsamples`): one task with as many generations."""
        return _json(answers.created_many(await self._create(request, read_asked)))

    async def create_storyboard(self, request: Request) -> Response:
        """Make a video of several shots, written into the prompt as `Shot 1:` and so on."""
        return _json(answers.created(await self._create(request, read_storyboard)))

    async def create_pictures(self, request: Request) -> Response:
        """Make pictures, from words or from an upload. `width` and `height` say their shape."""
        asked = read_pictures(await self._fields(request))
        made = await self.context.call(self.verbs.create_pictures, secret_of(request), asked)
        return _json(answers.created(made))

    async def extend(self, request: Request, gen_id: str) -> Response:
        """Make a longer video: the named one, and 10 or 15 seconds more."""
        asked = read_extension(await self._fields(request), gen_id)
        made = await self.context.call(self.verbs.extend, secret_of(request), asked)
        return _json(answers.created(made))

    async def upload(self, request: Request) -> Response:
        """Keep a picture (JPEG, PNG, WebP) for 30 days, to start a video or a picture from."""
        kept, _ = await self._keep(request)
        url = self.context.links.upload_url(request, kept.file)
        return _json(answers.upload(kept.file, kept.size, url))

    async def upload_pointed(self, request: Request) -> Response:
        """Keep a picture, to be named by its pointer: a character's portrait, or a first frame."""
        kept, fields = await self._keep(request)
        url = self.context.links.upload_url(request, kept.file)
        return _json(answers.pointed_file(kept.file, url, text(fields, "use_case")))

    async def enhance_prompt(self, request: Request) -> Response:
        """Expand a prompt; `source` is `model`, or `template` where no text model answered."""
        await self._caller(request)
        asked = read_expansion(await read_fields(request, MOST_JSON_BYTES))
        prompt, source = await enhance(asked, self.context.writer)
        return _json(answers.enhanced(asked, prompt, source))

    async def _create(self, request: Request, read: Callable[[Fields], Asked]) -> Created:
        asked = read(await self._fields(request))
        return await self.context.call(self.verbs.create, secret_of(request), asked)

    async def _fields(self, request: Request) -> dict[str, Value]:
        """Read what shall be made, for callers who were proven and may be served."""
        check_country(request, self.context)
        await self._caller(request)
        return await read_fields(request, MOST_JSON_BYTES)

    async def _caller(self, request: Request) -> Caller:
        # Before the body is read: strangers cannot make us read megabytes, or learn our rules.
        return await self.context.call(self.context.members.caller, secret_of(request))

    async def _keep(self, request: Request) -> tuple[Kept, dict[str, Value]]:
        caller = await self._caller(request)
        fields = await read_fields(request, self.context.upload_limit)
        new = read_upload(fields)
        return await self.context.call(keep, self.context.filing, caller, new), fields


def _json(value: dict[str, Any]) -> Response:
    return Response(dump(value), media_type="application/json")
