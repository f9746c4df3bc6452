"""The palette: what it finds while somebody types, and the machines opened last (`assets/palette.js`)."""

from __future__ import annotations

import orjson
from dash import Input, Output, State
from flask import Blueprint, Response, request

from callbacks.shared.reading import read
from callbacks.shared.wiring import CallbackGroup
from data.queries.palette import find_named_machines, find_places, list_places
from data.scope import MAX_TEXT, Scope
from layouts.shared.ids import Shell
from layouts.shared.palette import PATH, groups

routes = Blueprint("palette", __name__)


@routes.get(PATH)
def find() -> Response:
    """What was found for the text `q`, by kind; for no text nothing, but the places are read all the same.

    Raises:
        DataError: the database cannot be asked.
    """
    asked = Scope.from_query(request.args.to_dict(flat=False))
    scope = Scope(database=asked.database, as_of=asked.as_of)
    text = request.args.get("q", "").strip()[:MAX_TEXT]
    places = find_places(read(list_places, scope), text=text)
    machines = read(find_named_machines, scope, text=text) if text else []
    return Response(
        orjson.dumps(groups(machines, places, scope, text)),
        mimetype="application/json",
        headers={"Cache-Control": "no-store"},
    )


def wire_recent(
    group: CallbackGroup, *, title_id: str, proof_id: str, machine_id: str, scope_id: str
) -> None:
    """Let a page note the machine that it opened as the newest of `SessionKeys.RECENT_MACHINES`.

    Args:
        group: The page's callbacks.
        title_id: Holds the machine's name when the answer is there.
        proof_id: Has content if there is such a machine; without one it is forgotten.
        machine_id: The store with the id, alone or as {"id": …}.
        scope_id: The store with the scope as query text.
    """
    group.clientside(
        "palette",
        "noteMachine",
        Output(Shell.PERSON, "data", allow_duplicate=True),
        Input(title_id, "children"),
        State(proof_id, "children"),
        State(machine_id, "data"),
        State(scope_id, "data"),
        State(Shell.PERSON, "data"),
        prevent_initial_call=True,
    )
