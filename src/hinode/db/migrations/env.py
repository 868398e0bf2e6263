"""Alembic's entry: migrates on the connection of `hinode.db.schema`."""

from alembic import context

from hinode.db.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
