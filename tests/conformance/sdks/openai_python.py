"""Call Hinode as users of the official Python SDK do, and print what was seen as a line of JSON.

Run by the interpreter of an environment that has one version of the package and nothing else of
ours. Arguments: the base URL, a key, a picture, a film.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import openai

base_url, api_key, picture, film = sys.argv[1:]
client = openai.OpenAI(base_url=base_url, api_key=api_key, max_retries=0)


def ended(video: Any) -> Any:
    return client.videos.poll(video.id, poll_interval_ms=50).to_dict()


def first_frame(reference: Any) -> str:
    made = client.videos.create(prompt="x", input_reference=reference)
    return str(ended(made)["status"])


def failure(call: Callable[..., Any], *args: Any, **given: Any) -> dict[str, Any] | None:
    try:
        call(*args, **given)
    except openai.APIStatusError as error:
        return {
            "class": type(error).__name__,
            "status": error.status_code,
            "code": error.code,
            "param": error.param,
        }
    return None


def ids(page: Iterable[Any]) -> list[str]:
    return [one.id for one in page]


def videos() -> dict[str, Any]:
    created = client.videos.create(
        prompt="a fox", model="sora-2", seconds="8", extra_body={"wobble": 3}
    )
    done = ended(created)
    variants: tuple[Any, ...] = ("video", "thumbnail", "spritesheet")
    files = [client.videos.download_content(created.id, variant=one).read() for one in variants]
    image = Path(picture).read_bytes()
    return {
        "created": created.to_dict(),
        "done": done,
        "sizes": [len(file) for file in files],
        "first_frames": [first_frame(Path(picture)), first_frame(("first.png", image))],
        "failed": ended(client.videos.create(prompt="[fail] x"))["error"]["code"],
        "remix": ended(client.videos.remix(created.id, prompt="at night")),
        "listed": ids(client.videos.list(limit=2)),
        "deleted": client.videos.delete(created.id).to_dict(),
        "gone": failure(client.videos.retrieve, created.id),
    }


def actions() -> dict[str, Any]:
    # The typed parameter takes an id as well, but no version sends it.
    video = Path(film)
    character = client.videos.create_character(name="Mia", video=Path(film))
    assert character.id
    return {
        "edit": ended(client.videos.edit(prompt="in snow", video=video)),
        "longer": ended(client.videos.extend(prompt="it rains", seconds="4", video=video)),
        "character": character.to_dict(),
        "same": client.videos.get_character(character.id).to_dict(),
    }


def images() -> dict[str, Any]:
    path = Path(picture)
    made = client.images.generate(model="sora_image", prompt="a cat", n=2)
    edited = client.images.edit(model="gpt-image-1", image=[path, path], mask=path, prompt="in red")
    varied = client.images.create_variation(image=path)
    stream = client.images.generate(
        model="sora_image", prompt="a dog", stream=True, partial_images=2
    )
    return {
        "links": [one.url for one in made.data or []],
        "edited": [len(one.b64_json or "") for one in edited.data or []],
        "varied": len(varied.data or []),
        "events": [event.type for event in stream],
    }


def chat() -> dict[str, Any]:
    messages: Any = [{"role": "user", "content": "a cat"}]
    whole = client.chat.completions.create(model="sora_image", messages=messages)
    stream = client.chat.completions.create(
        model="sora_video2-landscape",
        messages=messages,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    choices = [choice for chunk in chunks for choice in chunk.choices]
    usage = chunks[-1].usage
    assert usage
    return {
        "whole": whole.choices[0].message.content,
        "finish": [choice.finish_reason for choice in choices if choice.finish_reason],
        "content": "".join(choice.delta.content or "" for choice in choices),
        "thoughts": "".join(getattr(one.delta, "reasoning_content", "") or "" for one in choices),
        "tokens": usage.total_tokens,
    }


def files() -> dict[str, Any]:
    made = client.files.create(file=Path(picture), purpose="vision")
    reference = {"input_reference": {"file_id": made.id}}
    used = ended(client.videos.create(prompt="x", extra_body=reference))
    return {
        "made": made.to_dict(),
        "same": client.files.retrieve(made.id).to_dict(),
        "bytes": len(client.files.content(made.id).read()),
        "listed": ids(client.files.list(limit=1)),
        "used": [used["status"]],
        "deleted": client.files.delete(made.id).to_dict(),
    }


def errors() -> dict[str, Any]:
    stranger = openai.OpenAI(base_url=base_url, api_key="sk-no", max_retries=0)
    return {
        "bad_size": failure(client.videos.create, prompt="x", size="1x1"),
        "wrong_key": failure(stranger.videos.list),
        "unknown_model": failure(client.models.retrieve, "Wan-AI/Wan2.2"),
    }


def webhooks() -> dict[str, Any]:
    hooks = client.webhooks
    made = hooks.create(
        name="ours", url="https://example.com/hook", event_types=["video.completed"]
    )
    return {
        "made": made.to_dict(),
        "same": hooks.retrieve(made.id).url,
        "renamed": hooks.update(made.id, name="yours").name,
        "rotated": hooks.rotate_secret(made.id).signing_secret,
        "listed": ids(hooks.list()),
        "deleted": hooks.delete(made.id).to_dict(),
    }


seen = {
    "videos": videos(),
    "images": images(),
    "chat": chat(),
    "files": files(),
    "errors": errors(),
    "models": ids(client.models.list()),
}
# What the oldest version has no methods for.
if hasattr(client.videos, "edit"):
    seen["actions"] = actions()
if hasattr(client.webhooks, "create"):
    seen["webhooks"] = webhooks()
sys.stdout.write(json.dumps(seen))
