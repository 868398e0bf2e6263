"""Texts in lower case, of any script, in both databases.

SQLite's own function knows ASCII only, so its connections get one of Python's.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

SQLITE_NAME = "hinode_lower"


class LowerCase(FunctionElement[str]):
    """A text in lower case; not for indexes, whose functions SQLite must have itself."""

    type = String()
    inherit_cache = True
    name = "lower"


@compiles(LowerCase, "sqlite")
def _sqlite(element: LowerCase, compiler: Any, **options: Any) -> str:
    return f"{SQLITE_NAME}({compiler.process(element.clauses, **options)})"


@compiles(LowerCase)
def _standard(element: LowerCase, compiler: Any, **options: Any) -> str:
    return f"lower({compiler.process(element.clauses, **options)})"


def in_lower_case(text: ColumnElement[Any]) -> ColumnElement[str]:
    """Return the text in lower case, None for NULL."""
    return LowerCase(text)


def lower(text: str | None) -> str | None:
    """Return what the function of SQLite's connections returns."""
    return None if text is None else text.lower()
