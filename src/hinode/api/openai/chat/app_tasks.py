"""Requests that chat apps make by themselves: titles, tags and follow-up questions.

An app sends them to the model of the conversation, so that each would render a video that nobody
asked for. They are known by the exact beginning of the app's template; the templates were read in
the apps' public sources on 29 November 2026.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import structlog

from hinode.api.text_model import TextMessage, TextModel, TextModelFailed
from hinode.api.values import Value

log = structlog.get_logger("hinode.chat")


@dataclass(frozen=True, slots=True)
class AppTemplate:
    """The beginning of a template of an app, and the role of the message that has it."""

    app: str
    version: str
    role: Literal["user", "system"]
    prefix: str

    def begins(self, text: str) -> bool:
        """Return whether a text begins with the template."""
        return text.startswith(self.prefix)


_TITLE_OF_ASSISTANT = "你是一名擅长会话的助理，你需要将用户的会话总结为 10 个字以内的标题"
_TITLE_OF_FIVE_WORDS = "Please generate a four to five word title summarizing our conversation"
_TITLE_OF_TEN_WORDS = "Summarize the conversation into a title in "
_SUMMARIZER = "You are a professional conversation summarizer. Generate a concise title"
_SUMMARY_FOR_CONTEXT = "Summarize the discussion briefly in 200 words or less to use as a prompt"

TEMPLATES = (
    AppTemplate(
        "Open WebUI", "0.6", "user", "### Task:\nGenerate a concise, 3-5 word title with an emoji"
    ),
    AppTemplate("Open WebUI", "0.6", "user", "### Task:\nSuggest 3-5 relevant follow-up questions"),
    AppTemplate(
        "Open WebUI", "0.12", "user", "### Task:\nGenerate a concise title summarizing the chat"
    ),
    AppTemplate("Open WebUI", "0.12", "user", "### Task:\nGenerate 1-3 broad tags"),
    AppTemplate("Open WebUI", "0.12", "user", "### Task:\nPredict 3-5 useful messages this user"),
    AppTemplate(
        "Open WebUI",
        "0.12",
        "user",
        "### Task:\nAnalyze the chat history to determine",
    ),
    AppTemplate(
        "Open WebUI",
        "0.12",
        "user",
        "### Task:\nGenerate a detailed prompt for am image",
    ),
    AppTemplate("Open WebUI", "0.12", "user", "### Task:\nYou are an autocompletion system."),
    AppTemplate("NextChat", "2", "user", "使用四到五个字直接返回这句话的简要主题，不要解释"),
    AppTemplate("NextChat", "2", "user", _TITLE_OF_FIVE_WORDS),
    AppTemplate("NextChat", "2", "system", "简要总结一下对话内容，用作后续的上下文提示 prompt"),
    AppTemplate("NextChat", "2", "system", _SUMMARY_FOR_CONTEXT),
    AppTemplate("LobeChat, Cherry Studio", "1", "system", _TITLE_OF_ASSISTANT),
    AppTemplate("LobeChat", "1.143", "system", _SUMMARIZER),
    AppTemplate("Cherry Studio", "1", "system", _TITLE_OF_TEN_WORDS),
)
_MAX_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class AppTask:
    """A request that ``app`` made by itself, with the end of the conversation it is about."""

    app: str
    messages: tuple[TextMessage, ...]


def read_app_task(user: str, messages: Sequence[Value]) -> AppTask | None:
    """Return the task of an app whose own request these messages are, or None for a person's.

    ``user`` is the text of the last user message; of the others texts count, and system messages
    may have a template as well.
    """
    texts = _texts(messages)
    systems = [one.content.lstrip() for one in texts if one.role == "system"]
    said = {"user": [user.lstrip()], "system": systems}
    found = (one for one in TEMPLATES if any(map(one.begins, said[one.role])))
    template = next(found, None)
    return AppTask(template.app, tuple(_last(texts))) if template else None


def _texts(messages: Sequence[Value]) -> list[TextMessage]:
    objects = (one for one in messages if isinstance(one, dict))
    return [TextMessage(str(one.get("role")), _text(one.get("content"))) for one in objects]


def _text(content: Value) -> str:
    """Return a content that is a text, or the texts of its parts."""
    if isinstance(content, list):
        texts = (part.get("text") for part in content if isinstance(part, dict))
        return "\n".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else ""


def _last(texts: Sequence[TextMessage]) -> list[TextMessage]:
    """Return the last messages, as many as are sent to a text model."""
    kept, length = [], 0
    for one in reversed(texts):
        length += len(one.content)
        if length > _MAX_CHARACTERS:
            break
        kept.append(one)
    return kept[::-1]


async def answer_task(task: AppTask, model: TextModel | None) -> str:
    """Return the answer to an app's own request: the text model's, else a sentence that says so."""
    if model is not None:
        try:
            return await model.ask(task.messages)
        except TextModelFailed as failure:
            log.warning("the text model did not answer a chat app", reason=str(failure))
    return (
        f"Nothing was rendered: {task.app} asked for a title, tags or the like by itself. Choose a "
        "text model for these tasks in the app's settings. (The server's setting "
        "answer_app_tasks = false renders them.)"
    )
