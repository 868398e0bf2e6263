"""`hinode account`: create and list accounts, grant credits, and show the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hinode.cli import options
from hinode.cli.output import print_json, print_list
from hinode.core.accounts.types import Plan, Role

if TYPE_CHECKING:
    from hinode.core.accounts.types import Account
    from hinode.core.credits.types import LedgerEntry
    from hinode.core.jobs.account_admin import AccountView
    from hinode.core.jobs.accounting import CreditSummary

app = typer.Typer(
    help="Create, list and ban accounts; grant credits; passwords and sessions.",
    no_args_is_help=True,
)

UNLIMITED = "unlimited"
Name = Annotated[str, typer.Argument(help="The account's name.")]


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Letters, digits, dots, dashes, underscores.")],
    given: Annotated[
        str,
        typer.Option(
            "--credits", metavar="N|unlimited", help="Credits at the start: a number or unlimited."
        ),
    ] = "0",
    plan: Annotated[Plan, typer.Option(help="The account's plan.")] = Plan.FREE,
    role: Annotated[
        Role, typer.Option(help="An operator administers the server in the web app.")
    ] = Role.USER,
    local_only: Annotated[
        bool, typer.Option("--local-only", help="Its jobs go to no engine outside of the house.")
    ] = False,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Create an account; `hinode key create NAME --account …` then creates its keys."""
    from hinode.core.jobs.account_admin import AccountCreate

    unlimited = given == UNLIMITED
    if not unlimited and not given.isdecimal():
        raise typer.BadParameter("a whole number or unlimited", param_hint="--credits")
    amount = 0 if unlimited else int(given)
    with options.account_admin(data, database) as admin:
        made = admin.create(AccountCreate(name, plan, unlimited, amount, role, local_only))
    words = f"{made.account.plan}, {given} credits"
    typer.echo(f"Created account '{made.account.name}' ({words}).", err=True)
    print_account(made, as_json=as_json)


@app.command("grant")
def grant(
    name: Name,
    amount: Annotated[int, typer.Argument(metavar="N", min=1, help="Credits to add.")],
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Grant an account credits."""
    with options.account_admin(data, database) as admin:
        view = admin.grant(None, name, amount).view
    left = _credits(view.standing)
    typer.echo(f"Granted {amount} credits to '{name}'; it has {left}.", err=True)
    print_account(view, as_json=as_json)


@app.command("ban")
def ban(
    name: Name,
    lift: Annotated[bool, typer.Option("--lift", help="Let it in again.")] = False,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Ban an account: its keys and tokens stop working; its running jobs go on."""
    from hinode.core.jobs.account_admin import AccountUpdate

    with options.account_admin(data, database) as admin:
        view = admin.change(None, name, AccountUpdate(banned=not lift))
    typer.echo(f"'{name}' is {'no longer banned' if lift else 'banned'}.", err=True)
    print_account(view, as_json=as_json)


@app.command("local-only")
def local_only(
    name: Name,
    lift: Annotated[bool, typer.Option("--lift", help="Let its jobs out again.")] = False,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """Keep an account's new jobs in the house: they go to no engine whose server is outside."""
    from hinode.core.jobs.account_admin import AccountUpdate

    with options.account_admin(data, database) as admin:
        view = admin.change(None, name, AccountUpdate(local_only=not lift))
    where = "may leave" if lift else "stay in"
    typer.echo(f"New jobs of '{name}' {where} the house.", err=True)
    print_account(view, as_json=as_json)


@app.command("list")
def list_accounts(
    as_json: options.Json = False, data: options.Data = None, database: options.Database = None
) -> None:
    """List all accounts with their credits: left, held by unfinished jobs, spent."""
    with options.account_admin(data, database) as admin:
        found = admin.every()
    head = ("id", "name", "plan", "role", "credits", "held", "spent", "since")
    print_list(found, head, _row, _object, as_json=as_json)


@app.command("ledger")
def ledger(
    name: Name,
    limit: Annotated[
        int, typer.Option(min=1, max=100_000, help="Number of entries, newest first.")
    ] = 50,
    as_json: options.Json = False,
    data: options.Data = None,
    database: options.Database = None,
) -> None:
    """List an account's grants and debits with their jobs, newest first."""
    from hinode.api.admin.accounts import entry_object
    from hinode.core.pagination import PageQuery

    with options.account_admin(data, database) as admin:
        found = admin.ledger(name, PageQuery(limit)).items
    head = ("id", "at", "kind", "credits", "charged", "job", "rendered by")
    print_list(found, head, _entry_row, entry_object, as_json=as_json)


def print_account(view: AccountView, *, as_json: bool) -> None:
    """Print an account as JSON, if that is asked for."""
    if as_json:
        print_json(_object(view))


def _object(view: AccountView) -> dict[str, Any]:
    from hinode.api.admin.accounts import account_object

    return account_object(view)


def _entry_row(entry: LedgerEntry) -> tuple[str, ...]:
    return (
        str(entry.id),
        f"{entry.created_at:%Y-%m-%d %H:%M:%S}",
        entry.kind.value,
        f"{entry.amount:+}",
        "" if entry.charged is None else str(entry.charged),
        str(entry.job_id) if entry.job_id else "",
        " ".join(one for one in (entry.engine, entry.upstream) if one),
    )


def _row(view: AccountView) -> tuple[str, ...]:
    account, standing = view.account, view.standing
    return (
        str(account.id),
        account.name,
        ", ".join(filter(None, _standing(account))),
        account.role.value,
        _credits(standing),
        str(standing.held),
        str(standing.spent),
        f"{account.created_at:%Y-%m-%d}",
    )


def _standing(account: Account) -> tuple[str, ...]:
    """Return an account's plan and what is said of it besides; empty words are left out."""
    banned = "banned" if account.banned_at else ""
    return account.plan.value, banned, "local only" if account.local_only else ""


def _credits(standing: CreditSummary) -> str:
    return UNLIMITED if standing.balance is None else str(standing.balance)
