"""The release after this one, whose schema has a column and a table more.

``python -m tests.support.next_release`` is its command, which finds its migrations by the
environment that :func:`write_migrations` returns.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from hinode.cli.main import main
from hinode.db import schema

COMMAND = "tests.support.next_release"
FOLDER = "HINODE_NEXT_MIGRATIONS"
REVISION = "9001"
_MIGRATION = f'''
"""The next release's."""

import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{REVISION}", "{schema.HEAD}", None, None


def upgrade():
    op.add_column("jobs", sa.Column("stars", sa.Integer(), nullable=True))
    op.create_table("ratings", sa.Column("id", sa.Integer(), primary_key=True))
'''


def write_migrations(folder: Path) -> dict[str, str]:
    """Write the next release's migrations; return the environment in which it finds them."""
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / f"{REVISION}_next.py").write_text(_MIGRATION)
    return {FOLDER: str(folder)}


if __name__ == "__main__":
    schema.MIGRATIONS = Path(os.environ.pop(FOLDER))
    schema.REVISIONS = (*schema.REVISIONS, REVISION)  # type: ignore[assignment]
    schema.HEAD = REVISION
    main()
