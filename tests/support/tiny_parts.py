"""Parts that tiny models share; see :mod:`tests.support.tiny_models`."""

from __future__ import annotations

from typing import Any

import diffusers


def bytes_tokenizer(kind: Any, template: str = "", **more: Any) -> Any:
    """Return a tokenizer of Qwen's kind that knows the bytes, and no merges."""
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    vocab = {text: number for number, text in enumerate(bytes_to_unicode().values())}
    made = kind(vocab=vocab, merges=[], **more)
    made.add_special_tokens({"pad_token": "<|endoftext|>"})
    if template:
        made.chat_template = template
    return made


CHAT = (
    "{% for one in messages %}<{{ one['role'] }}>"
    "{% if one['content'] is string %}{{ one['content'] }}"
    "{% else %}{% for part in one['content'] %}{{ part['text'] }}{% endfor %}{% endif %}"
    "{% endfor %}"
)


def flow_scheduler(**more: Any) -> Any:
    return diffusers.FlowMatchEulerDiscreteScheduler(**more)
