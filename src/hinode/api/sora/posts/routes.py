"""The routes of this part of the dialect and what the API document says of them."""

from __future__ import annotations

from typing import Any

from hinode.api.context import ApiContext
from hinode.api.routing import RouteTable
from hinode.api.sora.openapi import DOCS
from hinode.api.sora.posts import schemas
from hinode.api.sora.posts.endpoints import SoraPostEndpoints
from hinode.api.sora.posts.queries import CUTS, DEFAULT_LIMIT, DEFAULT_MENTION_LIMIT, INTENTS
from hinode.api.sora.posts.share import routes as share
from hinode.api.sora.posts.user_endpoints import SoraUserEndpoints

_BASE = "/backend/project_y"
_POST = f"{_BASE}/post"
_ONE = f"{_POST}/{{post_id}}"


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve this part of the dialect, and the share pages."""
    posts = SoraPostEndpoints(context)
    table.add(
        DOCS, "POST", _POST, posts.publish, "soraPublish", schemas.PostResponse, 400, 404,
        body=_body(),
    )  # fmt: skip
    table.add(DOCS, "GET", _ONE, posts.retrieve, "soraPost", schemas.PostResponse, 404)
    table.add(DOCS, "DELETE", _ONE, posts.unpublish, "soraDeletePost", schemas.PostDeleted, 404)
    table.add(
        DOCS, "GET", f"{_BASE}/profile_feed/{{user_id}}", posts.profile_feed, "soraProfileFeed",
        schemas.FeedPageObject, 400, 404, parameters=_paging(),
    )  # fmt: skip
    cut = {"type": "string", "enum": list(CUTS), "default": CUTS[0]}
    table.add(
        DOCS, "GET", f"{_BASE}/feed", posts.public_feed, "soraFeed", schemas.FeedPageObject, 400,
        parameters=[*_paging(), {"name": "cut", "in": "query", "schema": cut}],
    )  # fmt: skip
    _add_user_routes(table, SoraUserEndpoints(context))
    share.add_routes(table, context)


def _add_user_routes(table: RouteTable, users: SoraUserEndpoints) -> None:
    table.add(
        DOCS, "GET", f"{_BASE}/profile/username/{{name}}", users.by_username, "soraProfileNamed",
        schemas.UserOrCharacterProfile, 404,
    )  # fmt: skip
    intent = {"type": "string", "enum": list(INTENTS), "default": INTENTS[0]}
    table.add(
        DOCS, "GET", f"{_BASE}/profile/search_mentions", users.search, "soraSearchMentions",
        schemas.MentionList, 400,
        parameters=[
            {"name": "username", "in": "query", "schema": {"type": "string"}},
            {"name": "intent", "in": "query", "schema": intent},
            _limit(DEFAULT_MENTION_LIMIT),
        ],
    )  # fmt: skip
    table.add(
        DOCS, "GET", f"{_BASE}/references/mine", users.references, "soraReferences",
        schemas.ReferenceList, parameters=[_limit(DEFAULT_LIMIT)],
    )  # fmt: skip


def _body() -> dict[str, Any]:
    schema = schemas.PublishRequest.model_json_schema()
    attachment = schema.pop("$defs")["AttachmentCreate"]
    schema["properties"]["attachments_to_create"]["items"] = attachment
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _paging() -> list[dict[str, Any]]:
    return [_limit(DEFAULT_LIMIT), {"name": "cursor", "in": "query", "schema": {"type": "string"}}]


def _limit(default: int) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 1, "default": default}
    return {"name": "limit", "in": "query", "schema": schema}
