"""The parts that pages are made of: plain Dash components with classes of the style sheet, never a style."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from layouts.shared import formats
from layouts.shared.sitemap import PAGES

Content = Component | str | Sequence[Component | str]
"""What may stand inside a component."""
Tone = Literal["on", "off", "suspended", "warning", "danger", "muted"]
"""The colour of a dot; a word beside it always says the same."""
Span = Literal[4, 6, 8, 12]
"""Columns of twelve that a card takes in a card grid on a wide screen."""

_UNREAD: dict[str, Any] = {"aria-hidden": "true"}
_POWER_TONES: dict[str, Tone] = {"poweredOn": "on", "poweredOff": "off", "suspended": "suspended"}


def page_frame(
    page_key: str,
    *,
    sentence_id: str,
    scope_store: Component,
    children: Sequence[Component],
    actions: Sequence[Component] = (),
    title: Content | None = None,
    title_id: str | None = None,
) -> Component:
    """A page: heading, sentence, actions, then its content.

    Args:
        page_key: The page in the site map; gives the title and the sentence shown until the body arrives.
        sentence_id: Id of the sentence under the heading.
        scope_store: The `dcc.Store` that holds the page's scope.
        children: What stands below the head.
        actions: Controls at the right of the head.
        title: Instead of the title of the site map.
        title_id: Id of the heading, for a page whose title comes with its data.
    """
    page = next(page for page in PAGES if page.key == page_key)
    return html.Div(
        [
            scope_store,
            html.Div(
                [
                    html.Div(
                        [
                            html.H1(title or page.title, **_optional(id=title_id)),
                            html.P(page.sentence, id=sentence_id, className="page-sentence"),
                        ]
                    ),
                    html.Div(list(actions), className="page-actions"),
                ],
                className="page-head",
            ),
            *children,
        ],
        className="page",
    )


def banner(text: Content, *actions: Component, tone: Literal["", "warning", "danger"] = "") -> Component:
    """A line across the page that stays: a sentence and what can be done about it."""
    return html.Div(
        [html.Span(text), html.Span(list(actions))],
        className=_classes("banner", tone and f"is-{tone}"),
        role="status",
    )


def icon(name: str) -> Component:
    """A Bootstrap icon by its name without "bi-". Decoration: the words beside it say what it means."""
    return html.I(className=f"bi bi-{name}", **_UNREAD)


def hidden(text: str) -> Component:
    """Text for screen readers alone."""
    return html.Span(text, className="visually-hidden")


def known(text: str) -> Content:
    """A formatted value; the dash that stands for unknown is read out as "unknown"."""
    if text != formats.UNKNOWN:
        return text
    return html.Span([html.Span(text, **_UNREAD), hidden("unknown")])


def dot(tone: Tone) -> Component:
    """A coloured mark. Stands before a word that says the same."""
    return html.Span(className=f"dot is-{tone}")


def power(state: str | None) -> Component:
    """The mark and the word of a power state, as a pill's or a cell's content."""
    return html.Span(
        [dot(_POWER_TONES.get(state or "", "muted")), " ", html.Span(known(formats.power(state)))]
    )


def link(content: Content, href: str, class_name: str = "") -> Component:
    """A link; inside the dashboard it opens without loading the app again (`assets/shell.js`)."""
    return html.A(content, href=href, **_optional(className=class_name))


def tile(label: str, number: str, *notes: Content, href: str = "", tone: str = "") -> Component:
    """A key figure: what it is, the number as text, lines of context. With `href` all of it is a link.

    Args:
        label: What the number counts.
        number: The formatted number.
        notes: Share, ratio or change; empty ones are left out.
        href: Where the things counted are.
        tone: "good" or "bad" colours the number.
    """
    content = [
        html.Span(label, className="tile-label"),
        html.Span(known(number), className=_classes("tile-number", tone and f"is-{tone}")),
        *(html.Span(note, className="tile-note") for note in notes if note),
    ]
    return link(content, href, "tile") if href else html.Div(content, className="tile")


def tiles(items: Sequence[Component], columns: Literal[4, 6] = 6) -> Component:
    """Tiles side by side, on a wide screen as many in a row as there are columns."""
    return html.Div(list(items), className="tiles" if columns == 6 else f"tiles tiles-{columns}")


def card(title: str, note: Content | None, *children: Component, span: Span = 12) -> Component:
    """A box with a heading, a one-line note and its content."""
    head: list[Component] = [html.H2(title, className="card-title")]
    if note:
        head.append(html.P(note, className="card-note"))
    return html.Section([*head, *children], className=f"card-box span-{span}")


def card_grid(cards: Iterable[Component]) -> Component:
    """Cards side by side, as wide as each asks; below one another on a narrow screen."""
    return html.Div(list(cards), className="card-grid")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a small table. Numbers stand at the right."""

    title: str
    is_number: bool = False


def data_table(
    columns: Sequence[Column], rows: Iterable[Sequence[Content]], *, caption: str = ""
) -> Component:
    """A small table; the first cell of a row is its heading.

    Args:
        columns: One for each cell of a row.
        rows: Cells: formatted text (unknown is read out) or components.
        caption: What the table lists, for screen readers.
    """
    classes: list[dict[str, Any]] = [{"className": "number"} if c.is_number else {} for c in columns]
    head = [html.Th(c.title, scope="col", **extra) for c, extra in zip(columns, classes, strict=True)]
    body = [
        html.Tr(
            [_cell(index, cell, extra) for index, (cell, extra) in enumerate(zip(row, classes, strict=True))]
        )
        for row in rows
    ]
    title = [html.Caption(caption, className="visually-hidden")] if caption else []
    return html.Table([*title, html.Thead(html.Tr(head)), html.Tbody(body)], className="data-table")


def _cell(index: int, content: Content, extra: dict[str, Any]) -> Component:
    shown = known(content) if isinstance(content, str) else content
    return html.Td(shown, **extra) if index else html.Th(shown, scope="row", **extra)


def table_box(table: Component) -> Component:
    """A table in a box of its own, scrolling sideways where it must."""
    return html.Div(table, className="table-box", tabIndex=0)


def count_row(label: Sequence[Component], machines: int, href: str) -> Component:
    """A line of a list of findings: what was found, how many machines, and the way to them."""
    number = html.Span(formats.count(machines), className="attention-count")
    return link([*label, number, icon("chevron-right")], href, "attention-row")


def definition_list(pairs: Iterable[tuple[str, Content]]) -> Component:
    """Names and their values, one pair a line; unknown values are read out."""
    return html.Dl(
        [
            html.Div([html.Dt(name), html.Dd(known(content) if isinstance(content, str) else content)])
            for name, content in pairs
        ],
        className="definition",
    )


def empty_state(icon_name: str, title: str, text: Content, *actions: Component) -> Component:
    """Nothing to show, and what to do next."""
    return html.Div(
        [icon(icon_name), html.H2(title), html.P(text), html.Div(list(actions), className="state-actions")],
        className="empty-state",
    )


def partial_state(text: str) -> Component:
    """Why a part cannot be shown, such as "Needs the vHost tab."."""
    return html.P([icon("info-circle"), html.Span(text)], className="partial-note")


def question_dialog(dialog_id: str, *, title: str, confirm: str) -> Component:
    """A dialog that asks before something is done that cannot be undone. The focus begins at what changes nothing.

    Args:
        dialog_id: Its id; with `-title`, `-text`, `-cancel` and `-confirm` those of its parts. The text is blank.
        title: The question.
        confirm: The word on the button that does it.
    """
    cancel = html.Button(
        "Cancel",
        id=f"{dialog_id}-cancel",
        type="button",
        className="btn btn-secondary",
        autoFocus="autofocus",
    )
    do = html.Button(confirm, id=f"{dialog_id}-confirm", type="button", className="btn btn-danger")
    heading = dbc.ModalTitle(title, tag="h2", id=f"{dialog_id}-title")
    dialog: Component = dbc.Modal(
        [
            dbc.ModalHeader(heading, close_button=False),
            dbc.ModalBody(html.Div(id=f"{dialog_id}-text")),
            dbc.ModalFooter([cancel, do]),
        ],
        id=dialog_id,
        is_open=False,
        centered=True,
        backdrop="static",
        labelledby=f"{dialog_id}-title",
    )
    return dialog


def skeleton_tiles(amount: int) -> Component:
    """Stands for tiles that are on their way."""
    return html.Div(
        [html.Div(className="skeleton skeleton-tile") for _ in range(amount)], className="tiles", **_UNREAD
    )


def skeleton_chart() -> Component:
    """Stands for a chart that is on its way."""
    return html.Div(className="skeleton skeleton-chart", **_UNREAD)


def skeleton_lines(amount: int) -> Component:
    """Stands for lines of text that are on their way."""
    return html.Div([html.Span(className="skeleton skeleton-line") for _ in range(amount)], **_UNREAD)


def _classes(*names: str) -> str:
    return " ".join(name for name in names if name)


def _optional(**properties: str | None) -> dict[str, Any]:
    """Properties without the empty ones: Dash sends what it is given."""
    return {name: content for name, content in properties.items() if content}
