"""Requests that chat apps make by themselves: titles, tags and follow-up questions.

An app sends them to the model of the conversation, so that each would render a video that nobody
asked for. They are known by the exact beginning of the app's template; the templates were read in
the apps' public sources on 29 November 2026.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class AppTemplate:
    """The beginning of a template of an app, and the role of the message that has it."""

    app: str
    version: str
    role: Literal["user", "system"]
    prefix: str


_TITLE_OF_ASSISTANT = "你是一名擅长会话的助理，你需要将用户的会话总结为 10 个字以内的标题"

TEMPLATES = (
    AppTemplate(
        "Open WebUI", "0.6", "user", "### Task:\nGenerate a concise, 3-5 word title with an emoji"
    ),
    AppTemplate("Open WebUI", "0.6", "user", "### Task:\nGenerate 1-3 broad tags"),
    AppTemplate("Open WebUI", "0.6", "user", "### Task:\nSuggest 3-5 relevant follow-up questions"),
    AppTemplate("Open WebUI", "0.6", "user", "### Task:\nYou are an autocompletion system."),
    AppTemplate("NextChat", "2", "user", "使用四到五个字直接返回这句话的简要主题，不要解释"),
    AppTemplate("LobeChat, Cherry Studio", "1", "system", _TITLE_OF_ASSISTANT),
)


def app_of(user: str, system: str) -> str | None:
    """Return the app whose own request these messages are, or None for a person's."""
    texts = {"user": user.lstrip(), "system": system.lstrip()}
    found = (one.app for one in TEMPLATES if texts[one.role].startswith(one.prefix))
    return next(found, None)


def answer_to(app: str) -> str:
    """Return the answer to an app's own request."""
    return (
        f"Nothing was rendered: {app} asked for a title, tags or the like by itself. Choose a text "
        "model for these tasks in the app's settings. (The server's setting "
        "answer_app_tasks = false renders them.)"
    )
