"""Results on stdout: a table, aligned on a terminal and else tab-separated, or JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from rich.console import Console
from rich.table import Table

T = TypeVar("T")


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under a head; tab-separated when stdout is not a terminal."""
    if not sys.stdout.isatty():
        sys.stdout.writelines("\t".join(row) + "\n" for row in (head, *rows))
        return
    table = Table(*head, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def print_list(
    items: Sequence[T],
    head: Sequence[str],
    row: Callable[[T], Sequence[str]],
    to_object: Callable[[T], Any],
    *,
    as_json: bool,
) -> None:
    """Print items as rows under a head, or as a JSON list of their objects."""
    if as_json:
        print_json([to_object(one) for one in items])
    else:
        print_table(head, [row(one) for one in items])
