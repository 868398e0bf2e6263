"""Write the results of a batch as JSONL: one file of responses, one of errors."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid5

from hinode.core.batches.types import Batch, BatchLine, LineFailure, LineResponse
from hinode.kit.spool import BLOCK_BYTES, Spool, Spooled

NamedContent = tuple[str, Spooled]

_REQUEST_PREFIX = "req_"
_LINE_PREFIX = "batch_req_"


class ResultFiles:
    """The two files of a batch; on the disk when they are large."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._spools = {True: Spool(), False: Spool()}

    def add(self, line: BatchLine, result: LineFailure) -> None:
        """Add the result of a line to the file it belongs to."""
        spool = self._spools[isinstance(result, LineResponse) and result.succeeded]
        text = json.dumps(result_line(line, result), ensure_ascii=False, separators=(",", ":"))
        spool.write(text.encode("utf-8", "replace") + b"\n")
        if spool.unwritten >= BLOCK_BYTES:
            spool.flush()

    def finish(self) -> tuple[NamedContent | None, NamedContent | None]:
        """Return the files of responses and of errors; None for an empty one."""
        return self._file("output", succeeded=True), self._file("error", succeeded=False)

    def _file(self, word: str, *, succeeded: bool) -> NamedContent | None:
        content = self._spools[succeeded].finish()
        return (f"{self._batch.public_id}_{word}.jsonl", content) if content.size else None


def result_line(line: BatchLine, result: LineFailure) -> dict[str, Any]:
    """Return the JSON of a line's result; its ids are the same however often it is written."""
    digits = line_id(line.batch_id, line.number).hex
    members: dict[str, Any] = {
        "id": f"{_LINE_PREFIX}{digits}",
        "custom_id": line.custom_id,
        "response": None,
        "error": None,
    }
    if isinstance(result, LineResponse):
        members["response"] = {
            "status_code": result.status,
            "request_id": f"{_REQUEST_PREFIX}{digits}",
            "body": result.body,
        }
    else:
        members["error"] = {"code": result.code, "message": result.message}
    return members


def line_id(batch_id: UUID, number: int) -> UUID:
    """Return the id of a line, which is also its idempotency key."""
    return uuid5(batch_id, str(number))
