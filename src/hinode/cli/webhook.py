"""`hinode webhook`: the endpoints, the delivery log, and resending events."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from hinode.cli import options
from hinode.cli.output import print_json, print_list

if TYPE_CHECKING:
    from hinode.core.accounts.types import Account
    from hinode.core.webhooks.types import DeliveryLogEntry, Endpoint

app = typer.Typer(
    help="List webhook endpoints and deliveries, and resend events.", no_args_is_help=True
)

_MAX_LINE_LENGTH = 60


@app.command("list")
def list_endpoints(
    as_json: options.Json = False, data: options.Data = None, database: options.Database = None
) -> None:
    """List all endpoints, without their secrets."""
    with options.services(data, database) as services:
        found = services.core.webhooks.all_with_accounts()
    head = ("id", "account", "name", "url", "events", "secret", "state")
    print_list(found, head, _endpoint_row, _endpoint_object, as_json=as_json)


@app.command("deliveries")
def list_deliveries(
    event: Annotated[
        str | None,
        typer.Argument(help="Show all attempts of the event with this id. [default: all events]"),
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=10_000, help="Number of deliveries, newest first.")
    ] = 50,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """List deliveries, each with its last attempt, or every attempt of one event."""
    with options.services(data, database) as services:
        log = services.core.deliveries
        entries = log.history(_event_id(event)) if event else log.newest(limit)
    head = ("event", "type", "to", "state", "attempt", "at", "result", "ms", "response", "retry")
    print_list(entries, head, _row, _object, as_json=as_json)


@app.command("resend")
def resend(
    event: Annotated[str, typer.Argument(help="The event's id, evt_….")],
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Resend an event, with the same id and body, to each of its receivers."""
    with options.services(data, database) as services:
        targets = services.core.deliveries.resend(_event_id(event))
    typer.echo(f"Resending {event} to {targets} receiver(s).", err=True)
    if as_json:
        print_json({"event": event, "receivers": targets})


def _event_id(text: str) -> UUID:
    from hinode.core.webhooks.types import EVENT_PREFIX
    from hinode.kit.ids import decode_id

    found = decode_id(EVENT_PREFIX, text)
    if found is None:
        raise typer.BadParameter("an event's id is evt_ and 32 hexadecimal digits")
    return found


def _endpoint_row(found: tuple[Endpoint, Account]) -> tuple[str, ...]:
    one, owner = found
    return (
        _endpoint_id(one),
        owner.name,
        _one_line(one.name),
        one.url,
        " ".join(one.event_types),
        one.secret_hint,
        _state(one),
    )


def _endpoint_object(found: tuple[Endpoint, Account]) -> dict[str, Any]:
    one, owner = found
    return {
        "id": _endpoint_id(one),
        "account": owner.name,
        "name": one.name,
        "url": one.url,
        "event_types": list(one.event_types),
        "secret_hint": one.secret_hint,
        "disabled_reason": one.disabled_reason,
        "disabled_at": _unix(one.disabled_at),
        "created_at": _unix(one.created_at),
    }


def _endpoint_id(endpoint: Endpoint) -> str:
    from hinode.core.webhooks.types import ENDPOINT_PREFIX
    from hinode.kit.ids import encode_id

    return encode_id(ENDPOINT_PREFIX, endpoint.id)


def _state(endpoint: Endpoint) -> str:
    if endpoint.disabled_at is None:
        return "enabled"
    return f"disabled {endpoint.disabled_at:%Y-%m-%d}: {endpoint.disabled_reason}"


def _row(one: DeliveryLogEntry) -> tuple[str, ...]:
    from hinode.core.webhooks.types import EVENT_PREFIX
    from hinode.kit.ids import encode_id

    result = " ".join(str(part) for part in (one.status, one.error) if part is not None)
    return (
        encode_id(EVENT_PREFIX, one.event_id),
        one.event_type,
        one.url or "(deleted)",
        one.state.value,
        str(one.attempt or 0),
        _timestamp(one.at),
        result,
        "" if one.latency_ms is None else str(one.latency_ms),
        _one_line(one.response or ""),
        _timestamp(one.next_attempt_at),
    )


def _object(one: DeliveryLogEntry) -> dict[str, Any]:
    from hinode.core.webhooks.types import EVENT_PREFIX
    from hinode.kit.ids import encode_id

    return {
        "event": encode_id(EVENT_PREFIX, one.event_id),
        "event_type": one.event_type,
        "job_id": str(one.job_id) if one.job_id else None,
        "url": one.url,
        "state": one.state.value,
        "attempt": one.attempt,
        "at": _unix(one.at),
        "status": one.status,
        "error": one.error,
        "latency_ms": one.latency_ms,
        "response": one.response,
        "next_attempt_at": _unix(one.next_attempt_at),
        "created_at": _unix(one.created_at),
    }


def _unix(at: datetime | None) -> int | None:
    from hinode.api.unix_times import to_unix

    return to_unix(at)


def _one_line(text: str) -> str:
    """Return the beginning of a text on one line, without control characters."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(plain.split())[:_MAX_LINE_LENGTH]


def _timestamp(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""
