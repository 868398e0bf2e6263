"""Renders the share page: every text is escaped, and there are no scripts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import quote

from hinode.api.sora.ids import post_id
from hinode.api.sora.posts.share.translations import PageTranslation
from hinode.core.jobs.types import Job
from hinode.core.posts.types import PublishedVideo
from hinode.media.types import ArtifactRole, DigitalSourceType

_FOLDER = files("hinode.api.sora.posts.share")
_STYLE = _FOLDER.joinpath("share.css").read_text("utf-8")
_POST_TEMPLATE = Template(_FOLDER.joinpath("post.html").read_text("utf-8"))
_GONE_TEMPLATE = Template(_FOLDER.joinpath("gone.html").read_text("utf-8"))
_ICON_SVG = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>"
    "<circle cx='8' cy='8' r='7' fill='#d8452b'/></svg>"
)
_ICON = f"data:image/svg+xml,{quote(_ICON_SVG)}"
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{_HASH}'",
        "img-src 'self' data:",
        "media-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""Allows no scripts, and nothing from other hosts."""

_MAX_TITLE = 80
_MAX_DESCRIPTION = 200
_MAX_HEADLINE = 120
"""Longest text in characters that is set as a headline."""


@dataclass(frozen=True, slots=True)
class SharePageUrls:
    """The URLs of a page. ``video`` and ``poster`` are for the page itself and expire.

    The others are absolute and work as long as the post exists.
    """

    permalink: str
    video: str
    poster: str | None
    shared_video: str
    shared_poster: str | None


def render_post_page(
    found: PublishedVideo, urls: SharePageUrls, translation: PageTranslation
) -> str:
    """Return the page of a post."""
    post, author = found.post, found.author
    heading = post.text.strip() or translation.video_by(author.display_name)
    title = _truncate(heading.splitlines()[0], _MAX_TITLE)
    description = _truncate(" ".join(post.text.split()) or translation.watch, _MAX_DESCRIPTION)
    return _render(
        _POST_TEMPLATE,
        translation,
        title=title,
        description=description,
        permalink=urls.permalink,
        width=str(found.file.width),
        height=str(found.file.height),
        video=urls.video,
        heading=heading,
        heading_class="long" if len(heading) > _MAX_HEADLINE else "short",
        initial=author.display_name[:1].upper(),
        author=author.display_name,
        byline=f"@{author.username} · " if author.username else "",
        posted=post.created_at.isoformat(timespec="seconds"),
        date=translation.date(post.created_at),
        views=translation.views(post.views + 1),
        filename=f"{post_id(post.id)}.mp4",
        download=translation.download,
        origin=_origin(found.video.job, translation),
        made_with=translation.made_with,
        markup={
            "meta": _render_meta(_link_preview_tags(found, urls, title, description, translation)),
            "poster": f' poster="{escape(urls.poster)}"' if urls.poster else "",
        },
    )


def render_gone_page(translation: PageTranslation) -> str:
    """Return the page for a post that does not exist."""
    return _render(
        _GONE_TEMPLATE,
        translation,
        title=translation.not_found_title,
        reason=translation.not_found_reason,
    )


def _render(
    page: Template,
    translation: PageTranslation,
    *,
    markup: Mapping[str, str] | None = None,
    **texts: str,
) -> str:
    """Fill a page: every text is escaped, for elements and for quoted attributes alike."""
    safe = {name: escape(text) for name, text in texts.items()}
    return page.substitute(
        {**safe, **(markup or {})}, lang=translation.lang, icon=_ICON, style=_STYLE
    )


def _link_preview_tags(
    found: PublishedVideo,
    urls: SharePageUrls,
    title: str,
    description: str,
    translation: PageTranslation,
) -> Iterable[tuple[str, str]]:
    """Yield the tags of link previews: https://ogp.me, and X's cards."""
    yield from (
        ("og:site_name", "Hinode"),
        ("og:type", "video.other"),
        ("og:title", title),
        ("og:description", description),
        ("og:url", urls.permalink),
        ("og:locale", translation.locale),
        ("og:video", urls.shared_video),
        ("og:video:type", found.file.content_type),
        ("og:video:width", str(found.file.width)),
        ("og:video:height", str(found.file.height)),
        ("video:duration", str(max(1, round(found.file.duration)))),
        ("twitter:card", "summary_large_image"),
        ("twitter:title", title),
        ("twitter:description", description),
    )
    if urls.shared_video.startswith("https:"):
        yield "og:video:secure_url", urls.shared_video
    thumbnail = found.video.file(ArtifactRole.THUMBNAIL)
    if thumbnail is not None and urls.shared_poster is not None:
        yield from (
            ("og:image", urls.shared_poster),
            ("og:image:type", thumbnail.content_type),
            ("og:image:width", str(thumbnail.width)),
            ("og:image:height", str(thumbnail.height)),
            ("twitter:image", urls.shared_poster),
        )


def _render_meta(cards: Iterable[tuple[str, str]]) -> str:
    """Render tags: Open Graph has properties, X's cards have names."""
    return "\n".join(
        f'<meta {"name" if name.startswith("twitter:") else "property"}="{name}"'
        f' content="{escape(text)}">'
        for name, text in cards
    )


def _origin(job: Job, translation: PageTranslation) -> str:
    """Return what made the video, as its engine said when it was rendered."""
    if job.origin is DigitalSourceType.ALGORITHM:
        return translation.not_by_ai(job.engine)
    if job.origin is DigitalSourceType.TRAINED:
        return translation.by_ai((job.upstream or job.model).rpartition("/")[2])
    return translation.unknown_origin


def _truncate(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
