"""The machines of a page as a file that the operator takes home, streamed so that its size does not matter.

What cannot be answered is refused before the first byte. A file that breaks off later ends with its connection, so
that no browser takes it for a whole one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice

import pandas as pd
from flask import Blueprint, Response, request

from callbacks.shared.reading import limits, read, stream
from data.errors import InvalidInputError
from data.exports import csv_pieces, file_name, json_pieces, table_pieces
from data.queries.estate import get_estate_status
from data.queries.machines import stream_machines
from data.scope import Scope, as_id
from layouts.shared.export_box import EXPORT_PATH, MAX_SELECTED, TABLE
from layouts.shared.machine_table import View, title_with_unit

MAX_FORM_BYTES = 4 * 1024**2
"""The ids of all machines that may be selected take half of it."""

Pieces = Callable[[Iterator[pd.DataFrame], Sequence[str], Sequence[str]], Iterator[str] | Iterator[bytes]]
FORMS: dict[str, tuple[str, Pieces]] = {
    "csv": ("text/csv", csv_pieces),
    "jsonl": ("application/jsonl", json_pieces),
    TABLE: ("text/plain", table_pieces),
}


def serve_exports(routes: Blueprint) -> None:
    """Let a page offer its machines: GET gives all that match, POST those whose ids the form names."""
    rule = f"{EXPORT_PATH}.<any({','.join(FORMS)}):form>"
    routes.add_url_rule(rule, view_func=export_machines, methods=["GET", "POST"])


def export_machines(form: str) -> Response:
    """The machines of the scope in the order and with the columns of the view.

    Raises:
        InvalidInputError: a filter, a column or the selection cannot be used.
    """
    query = request.args.to_dict(flat=False)
    scope, view = Scope.from_query(query), View.from_query(query)
    frames = stream(
        stream_machines,
        scope,
        limits=limits(),
        columns=view.columns,
        sort=view.sort,
        direction=view.direction,
        machines=_named() if request.method == "POST" else (),
    )
    begun = chain(list(islice(frames, 1)), frames)  # errors come here, where they can still be told
    mimetype, pieces = FORMS[form]
    titles = [title_with_unit(column) for column in view.columns]
    headers = {"Cache-Control": "no-store"}
    if form != TABLE:
        states = read(get_estate_status, Scope(database=scope.database, vcenters=scope.vcenters)).vcenters
        name = file_name(scope, (state.exported_at for state in states), form)
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(pieces(begun, view.columns, titles), mimetype=mimetype, headers=headers)


def selected_machines(ids: Iterable[object]) -> tuple[int, ...]:
    """The ids of machines that a browser names.

    Raises:
        InvalidInputError: they are too many, or no ids.
    """
    texts = list(ids)
    if len(texts) > MAX_SELECTED:
        raise InvalidInputError(f"At most {MAX_SELECTED:,} selected machines can be exported at once.")
    machines = tuple(one for one in map(as_id, texts) if one is not None)
    if len(machines) < len(texts):
        raise InvalidInputError("No machine is selected, or the selection cannot be read.")
    return machines


def _named() -> tuple[int, ...]:
    request.max_form_memory_size = MAX_FORM_BYTES
    return selected_machines(request.form.get("ids", "").split(","))
