from dash import dcc

from data.scope import Scope
from layouts.shared.charts import Mark, Stack, bar_chart, power_bars, power_donut, power_legend, shortened
from layouts.shared.sitemap import href
from tests.layouts.drawn import by_class, every, links, table, text


def mark(label: str, machines: int, **more: str) -> Mark:
    return Mark(label, machines, href("vm_explorer", Scope(text=label)), **more)


def stack(label: str, *parts: int) -> Stack:
    return Stack(
        mark(label, sum(parts)), tuple(mark(f"{label} {index}", part) for index, part in enumerate(parts))
    )


PARTS = [mark("On", 9), mark("Off", 1), mark("Suspended", 0), mark("Unknown", 0)]


def figure_of(chart: object) -> dict:
    return next(every(chart, dcc.Graph)).figure


def test_a_bar_has_its_number_beside_it_and_leads_to_its_machines() -> None:
    (bars,) = figure_of(bar_chart([mark("B", 1810), mark("A", 5)], thing="Cluster", title="Machines"))["data"]

    assert bars["x"] == [1810, 5]
    assert bars["text"] == ["1,810", "5"]
    assert bars["customdata"] == ["/vm-explorer?q=B", "/vm-explorer?q=A"]


def test_equal_names_are_told_apart_on_the_axis_and_in_the_table() -> None:
    chart = bar_chart(
        [mark("C1", 2, context="DC1"), mark("C1", 1, context="DC2")], thing="Cluster", title="Machines"
    )

    assert figure_of(chart)["layout"]["yaxis"]["ticktext"] == ["C1 (DC1)", "C1 (DC2)"]
    assert table(chart) == [["Cluster", "Machines"], ["C1 (DC1)", "2"], ["C1 (DC2)", "1"]]


def test_a_name_with_markup_is_drawn_as_it_is_written() -> None:
    chart = bar_chart([mark("<b>A&B</b>", 2)], thing="Cluster", title="Machines")

    assert figure_of(chart)["layout"]["yaxis"]["ticktext"] == ["&lt;b&gt;A&amp;B&lt;/b&gt;"]
    assert figure_of(chart)["data"][0]["hovertext"] == ["&lt;b&gt;A&amp;B&lt;/b&gt;: <b>2</b>"]


def test_a_long_name_is_shortened_on_the_axis_and_whole_on_hover_and_in_the_table() -> None:
    name = "cluster-for-the-databases-of-the-north-01"
    chart = bar_chart([mark(name, 2)], thing="Cluster", title="Machines")

    assert figure_of(chart)["layout"]["yaxis"]["ticktext"] == ["cluster-for-t…e-north-01"]
    assert figure_of(chart)["data"][0]["hovertext"] == [f"{name}: <b>2</b>"]
    assert table(chart)[1] == [name, "2"]


def test_operating_systems_that_differ_at_the_end_differ_on_the_axis() -> None:
    names = [f"Microsoft Windows Server {year} (64-bit)" for year in (2016, 2019, 2022)]
    assert len({shortened(name) for name in names}) == 3


def test_the_rest_is_a_line_with_a_link_and_a_row_of_the_table() -> None:
    chart = bar_chart(
        [mark("A", 5)], thing="Cluster", title="Machines", other=mark("In other clusters", 3000)
    )

    (row,) = by_class(chart, "attention-row")
    assert text(row) == "In other clusters 3,000"
    assert row.href == "/vm-explorer?q=In+other+clusters"
    assert table(chart)[-1] == ["In other clusters", "3,000"]
    assert figure_of(chart)["data"][0]["x"] == [5]


def test_a_chart_is_as_high_as_its_rows_need() -> None:
    one, two = (
        next(every(bar_chart([mark("A", 5)] * rows, thing="Cluster", title="Machines"), dcc.Graph)).style[
            "height"
        ]
        for rows in (1, 2)
    )
    assert one == "65px"
    assert two == "96px"


def test_power_bars_have_one_trace_for_each_state_that_occurs() -> None:
    chart = power_bars([stack("A", 9, 1, 0, 0)], parts=PARTS, thing="Datacenter", title="Machines")
    assert [trace["name"] for trace in figure_of(chart)["data"]] == ["On", "Off"]


def test_power_bars_have_a_table_with_a_link_for_each_number_that_is_not_0() -> None:
    chart = power_bars(
        [stack("A", 5, 0, 0, 0), stack("B", 4, 1, 0, 0)], parts=PARTS, thing="Datacenter", title="Machines"
    )

    assert table(chart) == [
        ["Datacenter", "On", "Off", "All"],
        ["A", "5", "0", "5"],
        ["B", "4", "1", "5"],
    ]
    inside = links(by_class(chart, "table-twin"))
    assert [inside[number].text for number in ("A", "B", "1")] == ["A", "B", "B 1"]
    assert "0" not in inside


def test_segments_are_2_px_apart_unless_the_gap_would_hide_them() -> None:
    chart = power_bars(
        [stack("A", 5000, 500, 0, 0), stack("B", 3, 1, 0, 0)],
        parts=PARTS,
        thing="Datacenter",
        title="Machines",
    )
    assert [trace["marker"]["line"]["width"] for trace in figure_of(chart)["data"]] == [[2, 0], [2, 0]]


def test_the_ring_has_its_number_in_the_middle_and_only_states_that_occur() -> None:
    figure = figure_of(power_donut(PARTS, centre="90.0 %", below="on", title="Machines"))

    assert figure["data"][0]["values"] == [9, 1]
    assert figure["layout"]["annotations"][0]["text"] == "<b>90.0 %</b><br>on"


def test_the_legend_links_the_states_that_occur_and_names_unknown_only_if_it_does() -> None:
    legend = power_legend(PARTS)
    assert list(links(legend)) == ["On 9", "Off 1"]
    assert "Suspended 0" in text(legend)
    assert "Unknown" not in text(legend)
    assert "Unknown 4" in text(power_legend([*PARTS[:3], mark("Unknown", 4)]))


def test_a_figure_names_colours_by_token_so_that_it_fits_both_themes() -> None:
    figures = [
        figure_of(bar_chart([mark("A", 5)], thing="Cluster", title="Machines")),
        figure_of(power_bars([stack("A", 9, 1, 0, 0)], parts=PARTS, thing="Datacenter", title="Machines")),
        figure_of(power_donut(PARTS, centre="90 %", below="on", title="Machines")),
    ]
    colours = [value for figure in figures for value in _colours(figure)]
    assert colours
    assert all(colour.startswith("var(--app-") or colour == "rgba(0,0,0,0)" for colour in colours)


def _colours(node: object, name: str = "") -> list[str]:
    if isinstance(node, dict):
        return [colour for key, value in node.items() for colour in _colours(value, key)]
    if isinstance(node, list):
        return [colour for value in node for colour in _colours(value, name)]
    return [node] if isinstance(node, str) and "color" in name else []


def test_a_chart_says_what_it_shows_to_a_screen_reader() -> None:
    chart = bar_chart([mark("A", 5)], thing="Cluster", title="Machines by cluster")
    (picture,) = by_class(chart, "chart-links")
    assert picture.to_plotly_json()["props"]["role"] == "img"
    assert picture.to_plotly_json()["props"]["aria-label"] == "Machines by cluster"
