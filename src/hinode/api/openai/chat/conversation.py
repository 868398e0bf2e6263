"""Parsing of ``messages``: the text, images and clip of the last user message."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import PydanticCustomError

from hinode.api.image_inputs import ImageBytes, ImageInput, read_images
from hinode.api.openai.chat.app_tasks import AppTask, read_app_task
from hinode.api.values import Value, text, wrong_type
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.spool import Spooled

_PARTS = ("text", "image_url", "video_url")
_URL = ("https://", "http://", "data:")
_ADDRESS_MEMBERS = frozenset({"url", "detail", "format", "name"})
"""Members of an image or a clip that are read, or that clients send without effect."""


@dataclass(slots=True)
class LastUserMessage:
    """The last user message; ``clip`` becomes a character named ``clip_name``.

    ``task`` is there if a chat app sent it by itself, not a person. ``unread`` are members of its
    images and its clip that nothing reads.
    """

    texts: list[str] = field(default_factory=list)
    pictures: list[ImageInput] = field(default_factory=list)
    clip: ImageInput | None = None
    clip_name: str | None = None
    task: AppTask | None = None
    unread: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The text parts, joined by newlines."""
        return "\n".join(self.texts).strip()


def parse_messages(messages: Value) -> LastUserMessage:
    """Return the last message with the role ``user``; of the others, system messages tell the app.

    Raises :class:`hinode.api.request_errors.RequestError` for a wrong type and :class:`HinodeError`
    for a wrong value.
    """
    if messages == []:
        raise PydanticCustomError("missing", "Field required")
    if not isinstance(messages, list):
        raise wrong_type("messages", "an array of objects", messages)
    for place in reversed(range(len(messages))):
        message = messages[place]
        if not isinstance(message, dict):
            raise wrong_type(f"messages[{place}]", "an object", message)
        if message.get("role") == "user":
            turn = _read_content(message.get("content"), f"messages[{place}].content")
            if not turn.pictures and turn.clip is None:
                turn.task = read_app_task(turn.text, messages)
            return turn
    raise _refused("No message has the role 'user'.", "messages")


def _read_content(content: Value, name: str) -> LastUserMessage:
    turn = LastUserMessage()
    if isinstance(content, str):
        turn.texts.append(content)
        return turn
    if not isinstance(content, list):
        raise wrong_type(name, "a string or an array of parts", content)
    for place, part in enumerate(content):
        if not isinstance(part, dict):
            raise wrong_type(f"{name}[{place}]", "an object", part)
        _read_part(part, f"{name}[{place}]", turn)
    return turn


def _read_part(part: dict[str, Value], name: str, turn: LastUserMessage) -> None:
    kind = part.get("type")
    address = part.get(str(kind))
    if isinstance(address, dict):
        further = address.keys() - _ADDRESS_MEMBERS
        turn.unread |= {f"{name}.{kind}.{key}": address[key] for key in sorted(further)}
    if kind == "text":
        turn.texts.append(text(part, "text") or "")
    elif kind == "image_url":
        turn.pictures.append(_read_address(part, "image_url", name))
    elif kind == "video_url":
        if turn.clip is not None:
            raise _refused("A message can have only one 'video_url'.", name)
        turn.clip = _read_address(part, "video_url", name)
        turn.clip_name = _name_of(part)
    else:
        known = ", ".join(f"'{one}'" for one in _PARTS)
        raise _refused(f"The type of a part must be one of {known}, not '{str(kind)[:40]}'.", name)


def _read_address(part: dict[str, Value], key: str, name: str) -> ImageInput:
    """Parse a URL or base64 data, as a string or in an object with ``url``."""
    name = f"{name}.{key}"
    value = part.get(key)
    address = value.get("url") if isinstance(value, dict) else value
    if not isinstance(address, str):
        raise wrong_type(name, "a string or an object with 'url'", address)
    if address.lstrip()[:8].lower().startswith(_URL):
        return read_images(address.strip(), name)[0]
    try:
        data = base64.b64decode("".join(address.split()), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data:
        raise _refused(f"'{key}' must be a URL (https://, http:// or data:) or base64.", name)
    return ImageBytes(Spooled.of(data), name)


def _name_of(part: dict[str, Value]) -> str | None:
    inner = part.get("video_url")
    inside = text(inner, "name") if isinstance(inner, dict) else None
    return text(part, "name") or inside


def _refused(message: str, param: str) -> HinodeError:
    return HinodeError(ErrorCode.INVALID_VALUE, message, param=param)
