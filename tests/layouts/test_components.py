from dash import dcc, html

from layouts.shared.components import Column, data_table, definition_list, known, page_frame, power, tile
from tests.layouts.drawn import by_class, every, table, text


def test_an_unknown_value_is_a_dash_that_is_read_out_as_unknown() -> None:
    dash, word = known("–").children
    assert dash.children == "–"
    assert dash.to_plotly_json()["props"]["aria-hidden"] == "true"
    assert (word.children, word.className) == ("unknown", "visually-hidden")


def test_a_known_value_stands_as_it_is() -> None:
    assert known("0") == "0"


def test_a_page_has_one_heading_with_the_title_of_the_site_map() -> None:
    page = page_frame("overview", sentence_id="s", scope_store=dcc.Store(id="x"), children=[])
    assert [text(heading) for heading in every(page, html.H1)] == ["Overview"]


def test_a_page_can_bring_its_own_title() -> None:
    page = page_frame(
        "machine", sentence_id="s", scope_store=dcc.Store(id="x"), children=[], title="sql-01", title_id="t"
    )
    (heading,) = every(page, html.H1)
    assert (text(heading), heading.id) == ("sql-01", "t")


def test_a_tile_with_an_address_is_one_link() -> None:
    linked, plain = tile("vCPU", "12", "3 per machine", href="/vm-explorer"), tile("vCPU", "12")
    assert isinstance(linked, html.A)
    assert not list(every(plain, html.A))
    assert text(linked) == "vCPU 12 3 per machine"


def test_a_tile_leaves_out_empty_lines() -> None:
    assert len(by_class(tile("vCPU", "12", "", "+3"), "tile-note")) == 1


def test_a_table_aligns_numbers_and_reads_out_what_is_unknown() -> None:
    drawn = data_table([Column("Host"), Column("Cores", is_number=True)], [("esx-1", "–")], caption="Hosts")
    assert table(drawn) == [["Host", "Cores"], ["esx-1", "– unknown"]]
    assert [cell.className for cell in every(drawn, html.Td)] == ["number"]
    assert [cell.scope for cell in every(drawn, html.Th)] == ["col", "col", "row"]


def test_a_list_of_definitions_reads_out_what_is_unknown() -> None:
    assert text(definition_list([("DNS name", "–")])) == "DNS name – unknown"


def test_a_power_state_is_a_mark_and_a_word() -> None:
    assert by_class(power("suspended"), "is-suspended")
    assert text(power("suspended")).strip() == "Suspended"
    assert by_class(power(None), "is-muted")
    assert text(power(None)).split() == ["–", "unknown"]
