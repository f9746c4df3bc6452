"""Writes the parts of docs/ that follow from the code. `make docs` runs it, a test compares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import Field as Knob
from dataclasses import fields
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table

from data.fields import DERIVED, MERGED_TABS, NAME_LENGTH, REPEATED_HEADERS, TABS, Field
from data.ingest.storing import TAB_TABLES as STORED_TABS
from data.models import metadata, virtual_machines
from data.settings import PREFIX, Settings
from data.vocabulary import Kind
from layouts.shared.sitemap import PAGES

DOCS = Path(__file__).parents[1] / "docs"
NOTE = "<!-- Written by `make docs` from the code. Change the code, not this file. -->"

PAGES_TEXT = """\
# Pages

{note}

Every link carries the part of the estate that it shows, so it can be kept and passed on.

{pages}
"""
SETTINGS_TEXT = """\
# Settings

{note}

Settings are read from the environment when the program starts. `HOST` and `PORT` may also be given bare. A value that
cannot be read stops the start with a sentence that names the setting.

{settings}

The name of a further database is taken in lower case: `VMWARE_INV_DB_URL__LAB` adds `lab`. The browser only ever sees
that name, never the URL.
"""
TABLES_TEXT = """\
# Tables

{note}

Sizes are binary. A value that the export does not say is NULL, never 0. Times of the inventory are the wall-clock time
of the machine that ran RVTools; times of the program are UTC.

## What is read from an export

Columns are found by their header. Case, repeated spaces and `MB` for `MiB` do not matter. The first header is that of
RVTools 4.7, the others are older or come from other tools; those of exports made with `-DBColumnNames` are read, too.
Every other column is kept as a custom attribute, by name. The rows of other sheets go into other_rows.

vCPU, vMemory and vTools repeat what vInfo says of a machine; only their own columns are listed.

{tabs}

### Worked out while storing: virtual_machines

Ages count from the export time of the state.

{derived}

## The tables of the database

Columns that are read from an export are listed above.

{tables}
"""

HOLDS = {
    Kind.NAME: f"text, at most {NAME_LENGTH} characters",
    Kind.TEXT: "text",
    Kind.INTEGER: "whole number",
    Kind.NUMBER: "number",
    Kind.MIB: "MiB",
    Kind.KIB: "KiB",
    Kind.MHZ: "MHz",
    Kind.PCT: "%, 0 to 100",
    Kind.DAYS: "days",
    Kind.BOOLEAN: "yes or no",
    Kind.DATETIME: "time",
}
TAB_TABLES = STORED_TABS | dict.fromkeys(MERGED_TABS, virtual_machines)
"""Where the rows of a tab go."""


def pages() -> str:
    """The pages of the site map."""
    rows = [(page.title, f"`{page.path}`", page.section, page.sentence) for page in PAGES]
    return PAGES_TEXT.format(note=NOTE, pages=_table(("page", "path", "section", "what it is for"), rows))


def settings() -> str:
    """The settings with their defaults and limits."""
    names = ("setting", "default", "unit", "at least", "what it is")
    return SETTINGS_TEXT.format(note=NOTE, settings=_table(names, map(_setting, fields(Settings))))


def _setting(knob: Knob[Any]) -> tuple[str, ...]:
    variable = PREFIX + ("DB_URL__<NAME>" if knob.name == "databases" else knob.name.upper())
    default = getattr(Settings(), knob.name)
    is_given = isinstance(default, int) or default
    limit = knob.metadata["at_least"]
    return (
        f"`{variable}`",
        f"`{int(default) if isinstance(default, bool) else default}`" if is_given else "",
        knob.metadata["unit"],
        "" if limit is None else str(limit),
        knob.metadata["description"],
    )


def tables() -> str:
    """What becomes of each column of an export, and the tables of the database."""
    derived = [(f"`{field.key}`", field.label, HOLDS[field.kind]) for field in DERIVED]
    return TABLES_TEXT.format(
        note=NOTE,
        tabs="\n\n".join(map(_tab, TABS)),
        derived=_table(("column", "words", "holds"), derived),
        tables="\n\n".join(map(_own_columns, metadata.sorted_tables)),
    )


def _tab(tab: str) -> str:
    rows = [(" · ".join(field.headers), f"`{field.key}`", HOLDS[field.kind]) for field in _fields_stored(tab)]
    parts = [f"### {tab}: {TAB_TABLES[tab].name}", _table(("in the export", "column", "holds"), rows)]
    if tab in REPEATED_HEADERS:
        parts.append(f"Not stored: {', '.join(REPEATED_HEADERS[tab])}.")
    return "\n\n".join(parts)


def _fields_stored(tab: str) -> tuple[Field, ...]:
    return MERGED_TABS.get(tab, TABS[tab])


def _own_columns(table: Table) -> str:
    """The columns that no tab is read into."""
    read = {field.key for tab, of in TAB_TABLES.items() if of is table for field in _fields_stored(tab)}
    if table is virtual_machines:
        read |= {field.key for field in DERIVED}
    rows = [
        (f"`{column.name}`", _type(column), column.doc or "")
        for column in table.columns
        if column.name not in read
    ]
    return f"### {table.name}\n\n{_table(('column', 'type', 'what it is'), rows)}"


def _type(column: Column[Any]) -> str:
    target = "".join(f", of {key.target_fullname}" for key in column.foreign_keys)
    return f"{column.type}{target}{'' if column.nullable else ', always there'}"


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


GENERATED = {"pages.md": pages, "settings.md": settings, "tables.md": tables}
"""File of docs/ -> what writes its text."""


def main() -> None:
    """Write the files."""
    for name, text in GENERATED.items():
        (DOCS / name).write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
