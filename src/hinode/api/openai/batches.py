"""The batch routes of the OpenAI dialect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from hinode.api.bodies import read_fields
from hinode.api.context import ApiContext
from hinode.api.image_inputs import FILE_PREFIX
from hinode.api.json_text import json_response
from hinode.api.openai import batch_schemas as schemas
from hinode.api.openai.batch_lines import SCOPES
from hinode.api.openai.files import media_caller
from hinode.api.openai.openapi_docs import DOCS
from hinode.api.openai.queries import BatchPageQuery
from hinode.api.openai.serializers import list_object
from hinode.api.parsing import parse
from hinode.api.routing import RouteTable
from hinode.api.schema_docs import any_body
from hinode.api.unix_times import to_unix
from hinode.api.unread_fields import report_unread
from hinode.core.auth.types import Caller
from hinode.core.batches.service import BatchService, no_batch
from hinode.core.batches.types import BATCH_PREFIX, Batch, NewBatch
from hinode.core.errors import ErrorCode, HinodeError
from hinode.kit.ids import decode_id, encode_id

_DOCS = DOCS.of("batches")


@dataclass(frozen=True, slots=True)
class BatchRoutes:
    """Handlers of batch routes; keys need the scope of the endpoint."""

    context: ApiContext

    @property
    def batches(self) -> BatchService:
        """The service of batches."""
        return self.context.core.batches

    async def create(self, request: Request) -> Response:
        """Create a batch: a file of requests that are made with low priority.

        The response is immediate, with the status `validating`. Poll the batch or register a
        webhook endpoint for `batch.completed`; then download its result files. A line may ask for
        another `priority`.
        """
        caller = await media_caller(self.context, request)
        fields = await read_fields(request, self.context.upload_limit)
        body = report_unread(request, caller, parse(schemas.CreateBatch, fields))
        _check_key(caller)
        _check_scope(caller, body.endpoint)
        expiry = body.output_expires_after
        new = NewBatch(
            body.endpoint,
            body.file_id,
            self.context.links.base(request),
            body.metadata,
            expiry.seconds if expiry else None,
        )
        return json_response(
            batch_object(await self.context.call(self.batches.create, caller, new))
        )

    async def listing(self, request: Request) -> Response:
        """List batches, newest first."""
        caller = await media_caller(self.context, request)
        page = parse(BatchPageQuery, request.query_params)
        found = await self.context.call(
            self.batches.page, caller, limit=page.limit, after=page.after
        )
        return json_response(list_object(found, batch_object))

    async def retrieve(self, request: Request, batch_id: str) -> Response:
        """Retrieve a batch."""
        caller = await media_caller(self.context, request)
        found = await self.context.call(self.batches.get, caller, _id(batch_id))
        return json_response(batch_object(found))

    async def cancel(self, request: Request, batch_id: str) -> Response:
        """Cancel a batch.

        Its unfinished requests are canceled and refunded; the results of the others are kept. It is
        `cancelling`, then `cancelled`.
        """
        caller = await media_caller(self.context, request)
        found = await self.context.call(self.batches.cancel, caller, _id(batch_id))
        return json_response(batch_object(found))


def batch_object(batch: Batch) -> dict[str, Any]:
    """Return the JSON of a batch, with the fields of the official SDK's ``Batch``."""
    return {
        "id": batch.public_id,
        "object": "batch",
        "endpoint": batch.endpoint,
        "errors": _errors(batch),
        "input_file_id": encode_id(FILE_PREFIX, batch.input_file_id),
        "completion_window": "24h",
        "status": batch.status.value,
        "output_file_id": _file(batch.output_file_id),
        "error_file_id": _file(batch.error_file_id),
        "created_at": to_unix(batch.created_at),
        "in_progress_at": to_unix(batch.in_progress_at),
        "expires_at": to_unix(batch.expires_at),
        "finalizing_at": to_unix(batch.finalizing_at),
        "completed_at": to_unix(batch.completed_at),
        "failed_at": to_unix(batch.failed_at),
        "expired_at": to_unix(batch.expired_at),
        "cancelling_at": to_unix(batch.cancelling_at),
        "cancelled_at": to_unix(batch.cancelled_at),
        "request_counts": {
            "total": batch.total,
            "completed": batch.completed,
            "failed": batch.failed,
        },
        "metadata": batch.metadata,
    }


def _errors(batch: Batch) -> dict[str, Any] | None:
    if not batch.errors:
        return None
    found = [
        {"code": one.code, "line": one.line, "message": one.message, "param": one.param}
        for one in batch.errors
    ]
    return {"object": "list", "data": found}


def _file(file_id: UUID | None) -> str | None:
    return None if file_id is None else encode_id(FILE_PREFIX, file_id)


def _id(text: str) -> UUID:
    batch_id = decode_id(BATCH_PREFIX, text)
    if batch_id is None:
        raise no_batch()
    return batch_id


def _check_key(caller: Caller) -> None:
    if caller.key_id is None:
        raise HinodeError(
            ErrorCode.SCOPE_MISSING,
            "A batch is created with an API key, which its requests use later.",
            hint="Create a key and send it as 'Authorization: Bearer sk-…'.",
        )


def _check_scope(caller: Caller, endpoint: str) -> None:
    scope = SCOPES[endpoint]
    if scope not in caller.scopes:
        raise HinodeError(
            ErrorCode.SCOPE_MISSING,
            f"This API key lacks the scope '{scope}'.",
            hint=f"`hinode key create NAME --scope {scope}` creates one that has it.",
        )


def add_batches(table: RouteTable, context: ApiContext) -> None:
    """Add the batch routes."""
    batches = BatchRoutes(context)
    one = "/v1/batches/{batch_id}"
    table.add(
        _DOCS, "POST", "/v1/batches", batches.create, "createBatch", schemas.BatchObject,
        400, 404, 429, body=any_body(schemas.CreateBatch),
    )  # fmt: skip
    table.add(
        _DOCS, "GET", "/v1/batches", batches.listing, "listBatches", schemas.BatchList, 400,
        query=BatchPageQuery,
    )  # fmt: skip
    table.add(_DOCS, "GET", one, batches.retrieve, "retrieveBatch", schemas.BatchObject, 404)
    table.add(
        _DOCS, "POST", f"{one}/cancel", batches.cancel, "cancelBatch", schemas.BatchObject, 400, 404
    )
