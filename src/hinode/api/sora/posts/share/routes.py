"""Public routes of posts: the page, and permanent URLs of its files.

The id is the permission: 74 of its bits are random. A deleted post answers as one that never was.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hinode.api.context import ApiContext
from hinode.api.path_alias import way_to_root
from hinode.api.routing import Content, RouteDocs, RouteTable
from hinode.api.signed_urls import SignedUrls
from hinode.api.sora.drafts.media_urls import MediaUrls
from hinode.api.sora.ids import parse_post_id
from hinode.api.sora.posts.serializers import PAGE_PATH, permalink
from hinode.api.sora.posts.share.page import (
    CONTENT_SECURITY_POLICY,
    SharePageUrls,
    render_gone_page,
    render_post_page,
)
from hinode.api.sora.posts.share.translations import negotiate_translation
from hinode.core.errors import HinodeError
from hinode.core.posts.types import PublishedVideo
from hinode.media.types import ArtifactRole

_DOCS = RouteDocs("Sora: share pages", {404: "There is no such post."})
_HTML: Content = {"text/html": {}}
_METHODS = (("GET", "open"), ("HEAD", "describe"))

_VIDEO, _POSTER = "video.mp4", "poster"
_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    # Its URLs expire, and its text is in the reader's language.
    "cache-control": "no-store",
    "vary": "accept-language",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve the share pages."""
    routes = SharePageRoutes(context)
    for path, endpoint, name in (
        (f"{PAGE_PATH}/{_VIDEO}", routes.video, "PostVideo"),
        (f"{PAGE_PATH}/{_POSTER}", routes.poster, "PostPoster"),
    ):
        for method, verb in _METHODS:
            table.add(
                _DOCS, method, path, endpoint, verb + name, None, 404, success=307, public=True
            )
    for method, verb in _METHODS:
        table.add(_DOCS, method, PAGE_PATH, routes.page, f"{verb}Post", _HTML, 404, public=True)


@dataclass(frozen=True, slots=True)
class SharePageRoutes:
    """Endpoints of share pages; none needs credentials."""

    context: ApiContext

    async def page(self, request: Request, post_id: str) -> Response:
        """Retrieve the public page of a post, in English or Chinese."""
        translation = negotiate_translation(request.headers.get("accept-language", ""))
        found = await self._find(post_id, count_view=request.method == "GET")
        if found is None:
            return HTMLResponse(render_gone_page(translation), 404, _HEADERS)
        urls = _urls(
            found,
            self.context.links,
            way_to_root(request.scope),
            self.context.links.base(request),
        )
        return HTMLResponse(render_post_page(found, urls, translation), headers=_HEADERS)

    async def video(self, request: Request, post_id: str) -> Response:
        """Redirect to the video of a post; the URL is permanent, the target expires."""
        return await self._redirect_to(request, post_id, None)

    async def poster(self, request: Request, post_id: str) -> Response:
        """Redirect to the thumbnail of a post; the URL is permanent, the target expires."""
        return await self._redirect_to(request, post_id, ArtifactRole.THUMBNAIL)

    async def _redirect_to(
        self, request: Request, post_id: str, role: ArtifactRole | None
    ) -> Response:
        found = await self._find(post_id, count_view=False)
        file = None if found is None else found.video.file(role) if role else found.file
        if found is None or file is None:
            translation = negotiate_translation(request.headers.get("accept-language", ""))
            return HTMLResponse(render_gone_page(translation), 404, _HEADERS)
        url = MediaUrls(self.context.links, way_to_root(request.scope)).url_for(found.video, file)
        return RedirectResponse(url or "", headers={"cache-control": "no-store"})

    async def _find(self, name: str, *, count_view: bool) -> PublishedVideo | None:
        post_id = parse_post_id(name)
        if post_id is None:
            return None
        posts = self.context.core.posts
        try:
            return await self.context.call(posts.view if count_view else posts.get, post_id)
        except HinodeError:
            return None


def _urls(found: PublishedVideo, links: SignedUrls, root: str, base: str) -> SharePageUrls:
    here, urls = permalink(base, found.post.id), MediaUrls(links, root)
    thumbnail = found.video.file(ArtifactRole.THUMBNAIL)
    return SharePageUrls(
        permalink=here,
        video=urls.url_for(found.video, found.file) or "",
        poster=urls.url_for(found.video, thumbnail),
        shared_video=f"{here}/{_VIDEO}",
        shared_poster=f"{here}/{_POSTER}" if thumbnail else None,
    )
