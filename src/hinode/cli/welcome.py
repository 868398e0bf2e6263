"""The text that the server prints when it is ready."""

from __future__ import annotations

import socket

from hinode.config.settings import Settings

_UNSPECIFIED_ADDRESSES = ("0.0.0.0", "::", "")  # noqa: S104 - recognised, not bound


def base_url(settings: Settings, listener: socket.socket) -> str:
    """Return the base URL that people on this machine can use."""
    host, port = listener.getsockname()[:2]
    shown = "127.0.0.1" if host in _UNSPECIFIED_ADDRESSES else f"[{host}]" if ":" in host else host
    return settings.public_url.rstrip("/") or f"http://{shown}:{port}"


def login_url(address: str, secret: str) -> str:
    """Return the address of the web app that logs in with a link's secret.

    It is in the fragment, which browsers send to no server and keep out of ``Referer``.
    """
    return f"{address}/app/login#t={secret}"


def first_steps(address: str, secret: str) -> str:
    """Return the first start's text: the key, once, and two ways to use it at once."""
    return f"""
Hinode serves at {address} (API page: {address}/docs)

Your API key, shown only now:

    {secret}

Try it with curl:

    curl {address}/v1/videos \\
      -H "Authorization: Bearer {secret}" \\
      -F model=sora-2 -F prompt="A red fox runs through snow at sunset" -F seconds=4

or with the official OpenAI SDK (pip install openai):

    from openai import OpenAI

    client = OpenAI(base_url="{address}/v1", api_key="{secret}")
    video = client.videos.create_and_poll(
        model="sora-2", prompt="A red fox runs through snow at sunset", seconds="4"
    )
    client.videos.download_content(video.id).write_to_file("fox.mp4")
"""
