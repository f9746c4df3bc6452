"""The button that loads the demo estate, wherever it stands."""

from __future__ import annotations

from dash import Input, Output, State, set_props

from callbacks.shared.reading import database_names, database_url
from callbacks.shared.wiring import CallbackGroup
from data import jobs
from data.scope import Scope
from layouts.shared.ids import LOCATION
from layouts.shared.sitemap import href


def wire_demo(group: CallbackGroup, button_id: str, scope_id: str) -> None:
    """Let a button start the job that loads the demo estate, and open Data Import, which shows it.

    Args:
        group: The page's callbacks.
        button_id: The button; the page's frame holds it, hidden or not.
        scope_id: The store with the scope as query text; tells the database.
    """

    @group(
        Output(button_id, "data-job"),  # drawn with the button, so that drawing it is no click
        Input(button_id, "n_clicks"),
        State(scope_id, "data"),
        running=[(Output(button_id, "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def load_demo(_clicks: int, query: str) -> int:
        scope = Scope.from_query_string(query)
        job_id = jobs.create_demo_job(database_url(scope))
        jobs.start_job(scope.database or database_names()[0], job_id)
        place = "&".join(filter(None, (Scope(database=scope.database).query(), f"job={job_id}")))
        set_props(LOCATION, {"href": f"{href('data_import')}?{place}"})
        return job_id
