"""Search texts as exported, with UUIDs, MAC addresses and networks."""

from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WORDS = ("name", "dns_name", "primary_ip_address", "host", "annotation")
IDS = (
    "vm_uuid", "smbios_uuid",
    "network_1", "network_2", "network_3", "network_4", "network_5", "network_6", "network_7", "network_8",
)  # fmt: skip
ADAPTER = ("ipv4_address", "ipv6_address", "network", "mac_address")
BATCH_ROWS = 5000

machines = sa.table("virtual_machines", *map(sa.column, ("id", "import_id", *WORDS, *IDS)))
adapters = sa.table("network_adapters", *map(sa.column, ("id", "virtual_machine_id", *ADAPTER)))


def upgrade() -> None:
    """Make the texts of every stored state anew: all that they hold is stored elsewhere."""
    op.drop_table("machine_texts")
    texts = op.create_table(
        "machine_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("exact_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"],
            ["virtual_machines.id"],
            name=op.f("fk_machine_texts_id_virtual_machines"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_machine_texts_import_id_imports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_machine_texts")),
    )
    connection = op.get_bind()
    last = 0
    while rows := connection.execute(
        sa.select(machines).where(machines.c.id > last).order_by(machines.c.id).limit(BATCH_ROWS)
    ).all():
        first, last = rows[0].id, rows[-1].id
        words, ids = _of_adapters(connection, first, last)
        connection.execute(
            sa.insert(texts),
            [
                {
                    "id": row.id,
                    "import_id": row.import_id,
                    "text": (found := _lines(row, WORDS, words[row.id])).casefold(),
                    "exact_text": f"{found}\n{_lines(row, IDS, ids[row.id])}",
                }
                for row in rows
            ],
        )
    op.create_index(op.f("ix_machine_texts_import_id"), "machine_texts", ["import_id"], unique=False)


def _of_adapters(
    connection: sa.Connection, first: int, last: int
) -> tuple[defaultdict[int, list[str]], defaultdict[int, list[str]]]:
    """By machine, for those with an id from first to last: addresses, and networks with MAC addresses."""
    words: defaultdict[int, list[str]] = defaultdict(list)
    ids: defaultdict[int, list[str]] = defaultdict(list)
    of_these = adapters.c.virtual_machine_id.between(first, last)
    for row in connection.execute(sa.select(adapters).where(of_these).order_by(adapters.c.id)):
        for addresses in filter(None, (row.ipv4_address, row.ipv6_address)):
            words[row.virtual_machine_id] += addresses.split(", ")
        ids[row.virtual_machine_id] += filter(None, [row.network, row.mac_address])
    return words, ids


def _lines(row: sa.Row[tuple[object, ...]], keys: tuple[str, ...], more: list[str]) -> str:
    values = (getattr(row, key) for key in keys)
    return "\n".join(dict.fromkeys([*filter(None, values), *more]))
