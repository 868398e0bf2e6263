"""The fields that entries of a ledger have for operators and for the account itself."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

LedgerKind = Annotated[
    Literal["grant", "hold", "settle", "refund"],
    Field(
        description="`grant`: given or taken by an operator; `hold`: reserved at create; `settle`: "
        "a completed job's hold ended, with what was not needed given back; `refund`: the whole "
        "hold given back."
    ),
]
LedgerCredits = Annotated[
    int,
    Field(
        description="Change of the balance in credits; that of a `settle` is what it gives back."
    ),
]
LedgerCharged = Annotated[
    int | None,
    Field(description="What the job of a `settle` was charged, of its hold; null for others."),
]
LedgerEngine = Annotated[
    str | None, Field(description="Engine that rendered the job of a `settle`; null for others.")
]
