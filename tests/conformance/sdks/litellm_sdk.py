"""Call Hinode as users of LiteLLM's SDK do, and print what was seen as one line of JSON.

Run by the interpreter of an environment that has LiteLLM and nothing of ours. Arguments: the base
URL, a key, a picture, a film that it has no use for.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import litellm

# Nothing but the report on the standard output.
litellm.suppress_debug_info = True
base_url, api_key, picture, _ = sys.argv[1:]
server: dict[str, Any] = {"api_base": base_url, "api_key": api_key, "max_retries": 0}
provider: dict[str, Any] = {**server, "custom_llm_provider": "openai"}


def ended(video: Any) -> dict[str, Any]:
    while video.status in ("queued", "in_progress"):
        time.sleep(0.05)
        video = litellm.video_status(video_id=video.id, **provider)
    return dict(video.model_dump())


def failure(model: str, **changed: Any) -> dict[str, Any] | None:
    try:
        litellm.video_generation(model=model, prompt="x", **{**server, **changed})
    except Exception as error:
        return {"class": type(error).__name__, "status": getattr(error, "status_code", None)}
    return None


def videos() -> dict[str, Any]:
    created = litellm.video_generation(
        model="openai/sora-2", prompt="a fox", seconds="8", extra_body={"wobble": 3}, **server
    )
    with Path(picture).open("rb") as image:
        first = litellm.video_generation(
            model="openai/sora-2", prompt="x", input_reference=image, **server
        )
    done = ended(created)
    remix = litellm.video_remix(video_id=created.id, prompt="at night", **provider)
    return {
        "created": created.model_dump(),
        "done": done,
        "sizes": [len(litellm.video_content(video_id=created.id, **provider))],
        "first_frames": [ended(first)["status"]],
        "remix": ended(remix),
        "listed": [one["id"] for one in litellm.video_list(**provider)["data"]],
    }


def images() -> dict[str, Any]:
    made = litellm.image_generation(model="openai/sora_image", prompt="a cat", n=2, **server)
    with Path(picture).open("rb") as image:
        edited = litellm.image_edit(
            model="openai/gpt-image-1", image=[image], prompt="in red", **server
        )
    return {
        "links": [one["url"] for one in made["data"]],
        "edited": [len(one["b64_json"]) for one in edited["data"]],
    }


def chat() -> dict[str, Any]:
    messages = [{"role": "user", "content": "a cat"}]
    whole = litellm.completion(model="openai/sora_image", messages=messages, **server)
    body = {"stream": True, "stream_options": {"include_usage": True}}
    model = "openai/sora_video2-landscape"
    chunks = list(litellm.completion(model=model, messages=messages, **body, **server))
    choices = [choice for chunk in chunks for choice in chunk.choices]
    return {
        "whole": whole.choices[0].message.content,
        "finish": [choice.finish_reason for choice in choices if choice.finish_reason],
        "content": "".join(choice.delta.content or "" for choice in choices),
        "tokens": chunks[-1].usage.total_tokens,
    }


def files() -> dict[str, Any]:
    with Path(picture).open("rb") as image:
        made = litellm.create_file(file=image, purpose="vision", **provider)
    return {
        "made": made.model_dump(),
        "same": litellm.file_retrieve(made.id, **provider).model_dump(),
        "bytes": len(litellm.file_content(made.id, **provider).content),
        "deleted": litellm.file_delete(made.id, **provider).model_dump(),
    }


def errors() -> dict[str, Any]:
    return {
        "bad_size": failure("openai/sora-2", size="1x1"),
        "wrong_key": failure("openai/sora-2", api_key="sk-no"),
    }


seen = {
    "videos": videos(),
    "images": images(),
    "chat": chat(),
    "files": files(),
    "errors": errors(),
}
sys.stdout.write(json.dumps(seen))
