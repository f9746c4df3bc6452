"""The machines that a selection means, where the browser has not loaded their rows."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from callbacks.shared.reading import limits, read
from data.queries.machines import find_machine_ids
from data.scope import Scope, as_id
from layouts.shared.machine_table import View
from layouts.shared.selection import IDS_PATH


def serve_ids(routes: Blueprint) -> None:
    """Let a page ask for the ids of the machines that match."""
    routes.add_url_rule(IDS_PATH, view_func=list_ids)


def list_ids() -> Response:
    """The ids of a scope in the order of a view, as JSON; `start` and `stop` are numbers of rows, from 0."""
    query = request.args.to_dict(flat=False)
    scope, view = Scope.from_query(query), View.from_query(query)
    answer = jsonify(
        read(
            find_machine_ids,
            scope,
            limits=limits(),
            sort=view.sort,
            direction=view.direction,
            start=as_id(request.args.get("start", "")) or 0,
            stop=as_id(request.args.get("stop", "")),
        )
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
