"""The routes of this part of the dialect and what the API document says of them."""

from __future__ import annotations

from typing import Any

from hinode.api.context import ApiContext
from hinode.api.routing import RouteTable
from hinode.api.sora.adding import DOCS
from hinode.api.sora.posts import wire
from hinode.api.sora.posts.people import PeopleRoutes
from hinode.api.sora.posts.queries import CUTS, INTENTS, MENTIONS, USUAL
from hinode.api.sora.posts.routes import PostRoutes
from hinode.api.sora.posts.share import routes as share

_BASE = "/backend/project_y"
_POST = f"{_BASE}/post"
_ONE = f"{_POST}/{{post_id}}"


def add_routes(table: RouteTable, context: ApiContext) -> None:
    """Serve this part of the dialect, and the share pages."""
    posts = PostRoutes(context)
    table.add(
        DOCS, "POST", _POST, posts.publish, "soraPublish", wire.PostAnswer, 400, 404,
        body=_body(),
    )  # fmt: skip
    table.add(DOCS, "GET", _ONE, posts.retrieve, "soraPost", wire.PostAnswer, 404)
    table.add(DOCS, "DELETE", _ONE, posts.take_back, "soraDeletePost", wire.PostRemoved, 404)
    table.add(
        DOCS, "GET", f"{_BASE}/profile_feed/{{user_id}}", posts.of_profile, "soraProfileFeed",
        wire.FeedPage, 400, 404, parameters=_paging(),
    )  # fmt: skip
    cut = {"type": "string", "enum": list(CUTS), "default": CUTS[0]}
    table.add(
        DOCS, "GET", f"{_BASE}/feed", posts.public, "soraFeed", wire.FeedPage, 400,
        parameters=[*_paging(), {"name": "cut", "in": "query", "schema": cut}],
    )  # fmt: skip
    _add_people(table, PeopleRoutes(context))
    share.add_routes(table, context)


def _add_people(table: RouteTable, people: PeopleRoutes) -> None:
    table.add(
        DOCS, "GET", f"{_BASE}/profile/username/{{name}}", people.named, "soraProfileNamed",
        wire.AnyProfile, 404,
    )  # fmt: skip
    intent = {"type": "string", "enum": list(INTENTS), "default": INTENTS[0]}
    table.add(
        DOCS, "GET", f"{_BASE}/profile/search_mentions", people.search, "soraSearchMentions",
        wire.MentionList, 400,
        parameters=[
            {"name": "username", "in": "query", "schema": {"type": "string"}},
            {"name": "intent", "in": "query", "schema": intent},
            _limit(MENTIONS),
        ],
    )  # fmt: skip
    table.add(
        DOCS, "GET", f"{_BASE}/references/mine", people.references, "soraReferences",
        wire.ReferenceList, parameters=[_limit(USUAL)],
    )  # fmt: skip


def _body() -> dict[str, Any]:
    schema = wire.PublishRequest.model_json_schema()
    attachment = schema.pop("$defs")["AttachmentWish"]
    schema["properties"]["attachments_to_create"]["items"] = attachment
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _paging() -> list[dict[str, Any]]:
    return [_limit(USUAL), {"name": "cursor", "in": "query", "schema": {"type": "string"}}]


def _limit(usual: int) -> dict[str, Any]:
    schema = {"type": "integer", "minimum": 1, "default": usual}
    return {"name": "limit", "in": "query", "schema": schema}
