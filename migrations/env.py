"""Runs the revisions, on the connection that `upgrade_schema` hands over.

The command line works on a scratch database. A new revision:
`alembic upgrade head && alembic revision --autogenerate --rev-id 0002 -m "what changes"`, then set
`data.database.SCHEMA_REVISION` to its id. Delete `instance/scratch.db` after changing a revision that exists.
"""

from alembic import context
from sqlalchemy import Connection

from data.database import get_engine
from data.models import metadata


def run(connection: Connection) -> None:
    """Upgrade, or compare, on this connection."""
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with get_engine("sqlite:///instance/scratch.db").connect() as scratch:
        run(scratch)
        scratch.commit()
