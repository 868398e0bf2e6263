"""`hinode account`: make and list accounts."""

from __future__ import annotations

from typing import Annotated

import typer

from hinode.cli import options
from hinode.cli.tables import print_table
from hinode.studio.accounts.types import Plan

app = typer.Typer(help="Make and list accounts.", no_args_is_help=True)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Letters, digits, dots, dashes, underscores.")],
    plan: Annotated[Plan, typer.Option(help="The account's plan.")] = Plan.FREE,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Make an account; `hinode key create NAME --account …` then makes its keys."""
    with options.operating(data, database) as operator:
        account = operator.create_account(name, plan, unlimited=True)
    typer.echo(f"Made account '{account.name}' ({account.plan}).", err=True)


@app.command("list")
def list_accounts(data: options.Data = None, database: options.Database = None) -> None:
    """List all accounts and their credits."""
    with options.operating(data, database) as operator:
        rows = [
            (
                account.name,
                account.plan.value,
                "unlimited" if balance.unlimited else str(balance.amount),
                f"{account.created_at:%Y-%m-%d}",
            )
            for account, balance in operator.list_accounts()
        ]
    print_table(("name", "plan", "credits", "since"), rows)
