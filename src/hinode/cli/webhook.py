"""`hinode webhook`: the endpoints, the delivery log, and resending events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from hinode.cli import options
from hinode.cli.tables import print_table

if TYPE_CHECKING:
    from hinode.core.webhooks.types import DeliveryLogEntry, Endpoint
    from hinode.services import Services

app = typer.Typer(
    help="List webhook endpoints and deliveries, and resend events.", no_args_is_help=True
)

_MAX_LINE_LENGTH = 60


@app.command("list")
def list_endpoints(data: options.Data = None, database: options.Database = None) -> None:
    """List all endpoints, without their secrets."""
    from hinode.core.webhooks.types import ENDPOINT_PREFIX
    from hinode.kit.ids import encode_id

    with _services(data, database) as services:
        rows = [
            (
                encode_id(ENDPOINT_PREFIX, one.id),
                owner.name,
                _one_line(one.name),
                one.url,
                " ".join(one.event_types),
                one.secret_hint,
                _state(one),
            )
            for one, owner in services.core.webhooks.all_with_accounts()
        ]
    print_table(("id", "account", "name", "url", "events", "secret", "state"), rows)


@app.command("deliveries")
def list_deliveries(
    event: Annotated[
        str | None,
        typer.Argument(help="Show all attempts of the event with this id. [default: all events]"),
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=10_000, help="Number of deliveries, newest first.")
    ] = 50,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """List deliveries, each with its last attempt, or every attempt of one event."""
    with _services(data, database) as services:
        log = services.core.deliveries
        entries = log.history(_event_id(event)) if event else log.newest(limit)
    head = ("event", "type", "to", "state", "attempt", "at", "result", "ms", "response", "retry")
    print_table(head, [_row(one) for one in entries])


@app.command("resend")
def resend(
    event: Annotated[str, typer.Argument(help="The event's id, evt_….")],
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Resend an event, with the same id and body, to each of its receivers."""
    with _services(data, database) as services:
        targets = services.core.deliveries.resend(_event_id(event))
    typer.echo(f"Resending {event} to {targets} receiver(s).", err=True)


@contextmanager
def _services(data: Path | None, database: str | None) -> Iterator[Services]:
    from hinode.services import open_services
    from hinode.workflows.queues import create_tables

    services = open_services(options.read_settings(data, database))
    try:
        create_tables(services.db)
        yield services
    finally:
        services.close()


def _event_id(text: str) -> UUID:
    from hinode.core.webhooks.types import EVENT_PREFIX
    from hinode.kit.ids import decode_id

    found = decode_id(EVENT_PREFIX, text)
    if found is None:
        raise typer.BadParameter("an event's id is evt_ and 32 hexadecimal digits")
    return found


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


def _one_line(text: str) -> str:
    """Return the beginning of a text on one line, without control characters."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(plain.split())[:_MAX_LINE_LENGTH]


def _timestamp(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else ""
