"""The public routes of published videos: the page, and links of its files that stay the same.

The id is the permission: 74 of its bits are random, and a post that is taken back answers as one
that never was.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from hinode.api.asset_links import AssetLinks
from hinode.api.context import ApiContext
from hinode.api.routing import Content, RouteDocs, RouteTable
from hinode.api.sora.drafts.media_urls import MediaUrls
from hinode.api.sora.posts.share.addresses import PAGE, permalink
from hinode.api.sora.posts.share.page import CONTENT_SECURITY_POLICY, Urls, gone_page, post_page
from hinode.api.sora.posts.share.words import words_for
from hinode.kit.ids import unspell
from hinode.media.kinds import ArtifactRole
from hinode.studio.errors import StudioError
from hinode.studio.publishing import Published

_DOCS = RouteDocs("Share pages", {404: "There is no such post."})
_HTML: Content = {"text/html": {}}
_METHODS = (("GET", "open"), ("HEAD", "describe"))

_VIDEO, _POSTER = "video.mp4", "poster"
_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    # Its links end, and its text is in the reader's language.
    "cache-control": "no-store",
    "vary": "accept-language",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve the share pages."""
    routes = ShareRoutes(context)
    for path, endpoint, name in (
        (f"{PAGE}/{_VIDEO}", routes.video, "PostVideo"),
        (f"{PAGE}/{_POSTER}", routes.poster, "PostPoster"),
    ):
        for method, verb in _METHODS:
            table.add(
                _DOCS, method, path, endpoint, verb + name, None, 404, success=307, public=True
            )
    for method, verb in _METHODS:
        table.add(_DOCS, method, PAGE, routes.page, f"{verb}Post", _HTML, 404, public=True)


@dataclass(frozen=True, slots=True)
class ShareRoutes:
    """One method per route; none needs a key."""

    context: ApiContext

    async def page(self, request: Request, post_id: str) -> Response:
        """Show a published video to anybody, in English or Chinese."""
        words = words_for(request.headers.get("accept-language", ""))
        found = await self._find(post_id, seen=request.method == "GET")
        if found is None:
            return HTMLResponse(gone_page(words), 404, _HEADERS)
        urls = _urls(found, self.context.links, _root(request), self.context.links.base(request))
        return HTMLResponse(post_page(found, urls, words), headers=_HEADERS)

    async def video(self, request: Request, post_id: str) -> Response:
        """Lead to the video, for those who keep a link: chats, feeds, players of other sites."""
        return await self._lead_to(request, post_id, None)

    async def poster(self, request: Request, post_id: str) -> Response:
        """Lead to a picture of the video."""
        return await self._lead_to(request, post_id, ArtifactRole.THUMBNAIL)

    async def _lead_to(self, request: Request, post_id: str, role: ArtifactRole | None) -> Response:
        found = await self._find(post_id, seen=False)
        file = None if found is None else found.video.file(role) if role else found.film
        if found is None or file is None:
            words = words_for(request.headers.get("accept-language", ""))
            return HTMLResponse(gone_page(words), 404, _HEADERS)
        url = MediaUrls(self.context.links, _root(request)).of(found.video, file)
        return RedirectResponse(url or "", headers={"cache-control": "no-store"})

    async def _find(self, spelled: str, *, seen: bool) -> Published | None:
        post_id = unspell("s_", spelled)
        if post_id is None:
            return None
        publishing = self.context.publishing
        try:
            return await self.context.call(publishing.visit if seen else publishing.get, post_id)
        except StudioError:
            return None


def _root(request: Request) -> str:
    """What the page's own links begin with: it may be reached by another name than others are."""
    root: str = request.scope.get("root_path", "")
    return root


def _urls(found: Published, links: AssetLinks, root: str, base: str) -> Urls:
    here, urls = permalink(base, found.post.id), MediaUrls(links, root)
    still = found.video.file(ArtifactRole.THUMBNAIL)
    return Urls(
        permalink=here,
        video=urls.of(found.video, found.film) or "",
        poster=urls.of(found.video, still),
        shared_video=f"{here}/{_VIDEO}",
        shared_poster=f"{here}/{_POSTER}" if still else None,
    )
