from dash import Dash, Input, Output, html

from callbacks.shared.wiring import CallbackGroup
from tests.callbacks.calling import call

callback = CallbackGroup()


@callback(Output("sum", "children"), Input("number", "children"))
def update_sum(number: int) -> int:
    return number + 1


callback.clientside("shell", "search", Output("number", "title"), Input("sum", "children"))


def an_app() -> Dash:
    app = Dash("wired", assets_folder="none")
    app.layout = html.Div([html.P(id="sum"), html.P(id="number")])
    callback.register(app)
    return app


def test_a_decorated_function_stays_callable() -> None:
    assert update_sum(1) == 2


def test_one_group_serves_two_apps_in_one_process() -> None:
    for app in (an_app(), an_app()):
        answer = call(app.server, "sum.children", 41)
        assert answer.get_json()["response"] == {"sum": {"children": 42}}


def test_a_clientside_callback_names_a_function_of_the_assets_and_needs_no_inline_script() -> None:
    app = an_app()
    (rule,) = (
        rule
        for rule in app.server.test_client().get("/_dash-dependencies").get_json()
        if rule["clientside_function"]
    )
    assert rule["clientside_function"] == {"namespace": "shell", "function_name": "search"}
    assert len(app.csp_hashes()) == 1, "Dash's own script and no other"
