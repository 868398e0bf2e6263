"""Compressed bodies are decoded as they come, and no further than their bounds."""

from __future__ import annotations

import asyncio
import gzip
import random
from collections.abc import AsyncIterator, Callable

import brotli
import pytest

from hinode.api.content_coding import FREE_BYTES, MAX_RATIO, decoded
from hinode.api.request_errors import RequestError, RequestErrorCode
from tests.support.compressed import CODINGS, zstd_with_window

EACH = pytest.mark.parametrize("coding", CODINGS)
NOISE = random.Random(1).randbytes(300_000)
WORDS = b"a red fox in deep snow, " * 20_000


async def in_chunks(data: bytes, size: int) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]
    yield b""


def read(data: bytes, coding: str, chunk: int = 1_000) -> list[bytes]:
    async def collect() -> list[bytes]:
        return [block async for block in decoded(in_chunks(data, chunk), coding)]

    return asyncio.run(collect())


def refusal(data: bytes, coding: str) -> RequestError:
    with pytest.raises(RequestError) as caught:
        read(data, coding)
    return caught.value


@EACH
@pytest.mark.parametrize("chunk", [1, 777, 10**6])
@pytest.mark.parametrize("content", [b"", b"{}", WORDS[:5_000], NOISE[:3_000]])
def test_content_comes_back_however_it_is_cut(coding: str, content: bytes, chunk: int) -> None:
    assert b"".join(read(CODINGS[coding](content), coding, chunk)) == content


@EACH
def test_blocks_are_small_however_much_they_expand(coding: str) -> None:
    blocks = read(CODINGS[coding](WORDS + NOISE), coding, 10**6)

    assert b"".join(blocks) == WORDS + NOISE
    assert max(map(len, blocks)) <= 256 * 1024


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@pytest.mark.parametrize("chunk", [1, 10**6])
def test_members_that_follow_each_other_are_one_body(coding: str, chunk: int) -> None:
    compress = CODINGS[coding]
    data = compress(b"one ") + compress(b"") + compress(b"two")

    assert b"".join(read(data, coding, chunk)) == b"one two"


@pytest.mark.parametrize("coding", ["", "identity", "GZIP", " gzip ", "x-gzip"])
def test_codings_are_spelled_as_clients_spell_them(coding: str) -> None:
    data = gzip.compress(b"x") if "gzip" in coding.lower() else b"x"
    assert b"".join(read(data, coding)) == b"x"


@EACH
def test_the_first_megabyte_may_be_sent_in_a_few_bytes(coding: str) -> None:
    assert sum(map(len, read(CODINGS[coding](bytes(FREE_BYTES)), coding))) == FREE_BYTES


@EACH
def test_more_ends_at_a_hundred_times_what_was_sent(coding: str) -> None:
    bomb = CODINGS[coding](bytes(50_000_000))
    held = 0

    async def collect() -> None:
        nonlocal held
        async for block in decoded(in_chunks(bomb, 100), coding):
            held += len(block)

    with pytest.raises(RequestError) as caught:
        asyncio.run(collect())
    assert caught.value.code is RequestErrorCode.BODY_EXPANDS
    assert held <= max(FREE_BYTES, MAX_RATIO * len(bomb))


@EACH
@pytest.mark.parametrize("spoil", [lambda data: data[:-9], lambda data: b"{" + data])
def test_damage_is_told(coding: str, spoil: Callable[[bytes], bytes]) -> None:
    error = refusal(spoil(CODINGS[coding](NOISE[:2_000])), coding)

    assert error.code is RequestErrorCode.BROKEN_BODY
    assert coding in error.message


def test_bytes_after_a_brotli_stream_are_refused() -> None:
    assert refusal(brotli.compress(b"x") + b"y", "br").code is RequestErrorCode.BROKEN_BODY


def test_a_window_of_zstandard_has_a_bound() -> None:
    assert b"".join(read(zstd_with_window(23), "zstd")) == b"a fox"
    assert "8388608" in refusal(zstd_with_window(24), "zstd").message


@pytest.mark.parametrize("coding", ["deflate", "compress", "gzip, br", "gzip,gzip", "x" * 999])
def test_other_codings_are_refused_with_what_would_do(coding: str) -> None:
    error = refusal(b"x", coding)

    assert error.code is RequestErrorCode.UNSUPPORTED_CODING
    assert error.headers == {"accept-encoding": "gzip, br, zstd"}
    assert "gzip, br, zstd" in error.message
    assert len(error.message) < 300
    assert ("one coding only" in error.message) is ("," in coding)
