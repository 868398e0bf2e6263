"""Lines of the log that are captured for a piece of work: which, and how they are cleaned."""

from __future__ import annotations

import asyncio
from collections import deque

import pytest
import structlog

from hinode.kit.captured_lines import CapturedLine, capturing, clean

log = structlog.get_logger("hinode.test")


def test_lines_of_the_block_and_its_tasks_are_captured_and_no_others() -> None:
    lines = deque[CapturedLine](maxlen=10)

    async def work() -> None:
        with capturing(lines):
            await asyncio.to_thread(log.info, "sent", engine="far", status=200)
            try:
                raise OSError("/srv/secret-place/file.mp4 is gone")
            except OSError:
                log.exception("crashed", job_id="1")
        log.info("of another job")

    asyncio.run(work())

    assert [(one.level, one.event, dict(one.details)) for one in lines] == [
        ("info", "sent", {"engine": "far", "status": 200}),
        ("error", "crashed", {"error": "OSError: …/file.mp4 is gone"}),
    ]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("No space left: '/var/lib/hinode/work/a1/video.mp4'", "No space left: '…/video.mp4'"),
        ("refused sk-" + "a" * 48, "refused sk-***"),
        ("https://ann:word@far.example/v1/x failed", "https://ann:***@far.example/v1/x failed"),
        ("one\n  two", "one two"),
        ("5/6 done, and/or not", "5/6 done, and/or not"),
        ("x" * 400, "x" * 300),
    ],
)
def test_a_line_has_no_secret_no_folder_and_an_end(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned
