"""Charts: records to Plotly figures, one function per form, each with its table twin.

Figures are plain dictionaries and hold no theme: a colour is the name of a token of the style sheet, looked
up in the browser when the figure is drawn and again when the theme changes. A mark's `customdata` is the
address it leads to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from data.scope import NONE
from data.vocabulary import PowerState
from layouts.shared.components import Column, Content, Tone, count_row, data_table, dot, link
from layouts.shared.formats import POWER_WORDS, count

LABEL_LENGTH = 24
"""Characters of a category on its axis; the whole name is in the hover text and in the table."""
_BAR_PITCH = 31
_AXIS_HEIGHT = 34
_DONUT_HEIGHT = 240
_THINNEST = 0.02
"""Share of the longest bar below which a segment has no gap around it: the gap would be all one sees."""

_SHORTER = {
    "Microsoft Windows": "Windows",
    "Red Hat Enterprise Linux": "RHEL",
    "SUSE Linux Enterprise": "SLES",
    " (64-bit)": "",
    " or later": "+",
}
_FONT = {"family": "var(--app-font)", "size": 12, "color": "var(--app-text)"}
_CLEAR = "rgba(0,0,0,0)"
_LAYOUT: dict[str, Any] = {
    "autosize": True,
    "font": _FONT,
    "paper_bgcolor": _CLEAR,
    "plot_bgcolor": _CLEAR,
    "showlegend": False,
    "dragmode": False,
    "hoverlabel": {
        "bgcolor": "var(--app-raised)",
        "bordercolor": "var(--app-control)",
        "font": _FONT,
        "align": "left",
    },
}
_CONFIG: Any = {"displayModeBar": False, "displaylogo": False, "showTips": False}
_VALUE_AXIS: dict[str, Any] = {
    "fixedrange": True,
    "tickformat": ",d",
    "nticks": 5,
    "tickangle": 0,
    "gridcolor": "var(--app-border)",
    "zeroline": False,
    "showline": False,
}
_NAME_AXIS: dict[str, Any] = {
    "fixedrange": True,
    "automargin": "left",
    "showgrid": False,
    "zeroline": False,
    "showline": False,
}


@dataclass(frozen=True, slots=True)
class State:
    """A part of a whole that has a colour of its own."""

    value: str
    """As a filter of the scope names it."""
    word: str
    tone: Tone
    colour: str


POWER = (
    State(PowerState.ON, POWER_WORDS[PowerState.ON], "on", "var(--app-power-on)"),
    State(PowerState.OFF, POWER_WORDS[PowerState.OFF], "off", "var(--app-power-off)"),
    State(PowerState.SUSPENDED, POWER_WORDS[PowerState.SUSPENDED], "suspended", "var(--app-power-suspended)"),
    State(NONE, "Unknown", "muted", "var(--app-control)"),
)
"""The power states in the order of every chart, then machines whose state is not known."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Machines that belong together: a bar, a segment, a row of the table."""

    label: str
    machines: int
    href: str
    """Where exactly these machines are."""
    context: str = ""
    """What tells equal labels apart."""
    is_group: bool = True
    """False for the machines without a value, which are drawn muted."""

    @property
    def full_label(self) -> str:
        """The label with what tells it apart."""
        return f"{self.label} ({self.context})" if self.context else self.label


@dataclass(frozen=True, slots=True)
class Stack:
    """A bar of segments, one for each of `POWER`."""

    whole: Mark
    parts: tuple[Mark, ...]


def bar_chart(marks: Sequence[Mark], *, thing: str, title: str, other: Mark | None = None) -> Component:
    """Horizontal bars in the order given, each with its number.

    Args:
        marks: At least one.
        thing: What a bar is, as the heading of the table's first column.
        title: What the chart shows, for screen readers.
        other: The sum of the groups that are not drawn; a row below the bars, for it would dwarf them.
    """
    largest = max(mark.machines for mark in marks)
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [mark.machines for mark in marks],
        "y": list(range(len(marks))),
        "text": [count(mark.machines) for mark in marks],
        "textposition": "outside",
        "cliponaxis": False,
        "width": 0.62,
        "hovertext": [_hover(mark) for mark in marks],
        "hoverinfo": "text",
        "customdata": [mark.href for mark in marks],
        "marker": {
            "color": ["var(--app-accent)" if mark.is_group else "var(--app-control)" for mark in marks],
            "cornerradius": 2,
        },
    }
    rows = [(_label_link(mark), count(mark.machines)) for mark in (*marks, other) if mark]
    return _chart(
        {"data": [bars], "layout": _bar_layout(marks, largest)},
        height=_BAR_PITCH * len(marks) + _AXIS_HEIGHT,
        below=_other_row(other),
        title=title,
        table=data_table((Column(thing), Column("Machines", is_number=True)), rows, caption=title),
    )


def power_bars(
    stacks: Sequence[Stack], *, parts: Sequence[Mark], thing: str, title: str, other: Mark | None = None
) -> Component:
    """Horizontal bars in the order given, each divided by power state and with its number.

    Args:
        stacks: At least one.
        parts: All machines by power state, in the order of `POWER`: the legend.
        thing: What a bar is, as the heading of the table's first column.
        title: What the chart shows, for screen readers.
        other: The sum of the groups that are not drawn; a row below the bars.
    """
    wholes = [stack.whole for stack in stacks]
    largest = max(mark.machines for mark in wholes)
    shown = [index for index, part in enumerate(parts) if part.machines]
    layout = _bar_layout(wholes, largest) | {
        "barmode": "stack",
        "uniformtext": {"mode": "hide", "minsize": 11},
        "annotations": [
            {
                "x": mark.machines,
                "y": row,
                "text": count(mark.machines),
                "showarrow": False,
                "xanchor": "left",
                "xshift": 3,
            }
            for row, mark in enumerate(wholes)
        ],
    }
    columns = [
        Column(thing),
        *(Column(POWER[i].word, is_number=True) for i in shown),
        Column("All", is_number=True),
    ]
    rows: list[list[Content]] = [
        [_label_link(stack.whole), *(_count_link(stack.parts[i]) for i in shown), count(stack.whole.machines)]
        for stack in stacks
    ]
    if other:
        rows.append([_label_link(other), *("" for _ in shown), count(other.machines)])
    return _chart(
        {"data": [_segments(stacks, index, largest) for index in shown], "layout": layout},
        height=_BAR_PITCH * len(stacks) + _AXIS_HEIGHT,
        above=power_legend(parts),
        below=_other_row(other),
        title=title,
        table=data_table(columns, rows, caption=title),
    )


def power_donut(parts: Sequence[Mark], *, centre: str, below: str, title: str) -> Component:
    """A ring of one segment for each of `POWER`, with a number in the middle.

    Args:
        parts: In the order of `POWER`, at least one not 0.
        centre: The number in the middle.
        below: The word under it.
        title: What the chart shows, for screen readers.
    """
    drawn = [(mark, state) for mark, state in zip(parts, POWER, strict=True) if mark.machines]
    ring = {
        "type": "pie",
        "hole": 0.68,
        "sort": False,
        "direction": "clockwise",
        "textinfo": "none",
        "labels": [mark.label for mark, _ in drawn],
        "values": [mark.machines for mark, _ in drawn],
        "hovertext": [_hover(mark) for mark, _ in drawn],
        "hoverinfo": "text",
        "customdata": [mark.href for mark, _ in drawn],
        "marker": {
            "colors": [state.colour for _, state in drawn],
            "line": {"color": "var(--app-surface)", "width": 2 if len(drawn) > 1 else 0},
        },
    }
    middle = {
        "x": 0.5,
        "y": 0.5,
        "text": f"<b>{centre}</b><br>{escape(below)}",
        "showarrow": False,
        "font": {"size": 17},
    }
    layout = _LAYOUT | {"margin": {"l": 8, "r": 8, "t": 8, "b": 8}, "annotations": [middle]}
    rows = [(_label_link(mark), count(mark.machines)) for mark, _ in drawn]
    return _chart(
        {"data": [ring], "layout": layout},
        height=_DONUT_HEIGHT,
        below=power_legend(parts),
        title=title,
        table=data_table((Column("Power state"), Column("Machines", is_number=True)), rows, caption=title),
    )


def power_legend(parts: Sequence[Mark]) -> Component:
    """What the colours of the power states mean: mark, word, number, each a link to its machines.

    A state that no machine is in is named without a link; "Unknown" only if there are such machines.
    """
    return html.Ul(
        [
            html.Li([dot(state.tone), " ", _legend_text(mark)])
            for mark, state in zip(parts, POWER, strict=True)
            if mark.machines or state.tone != "muted"
        ],
        className="legend",
    )


def _legend_text(mark: Mark) -> Component:
    text = f"{mark.label} {count(mark.machines)}"
    return link(text, mark.href) if mark.machines else html.Span(text)


def _label_link(mark: Mark) -> Component:
    return link(mark.full_label, mark.href)


def _count_link(mark: Mark) -> Component | str:
    return link(count(mark.machines), mark.href) if mark.machines else count(0)


def _other_row(other: Mark | None) -> Component | None:
    return (
        count_row([html.Span(other.label, className="attention-text muted")], other.machines, other.href)
        if other
        else None
    )


def _segments(stacks: Sequence[Stack], index: int, largest: int) -> dict[str, Any]:
    marks = [stack.parts[index] for stack in stacks]
    gaps = [2 if mark.machines >= _THINNEST * largest else 0 for mark in marks]
    return {
        "type": "bar",
        "orientation": "h",
        "name": POWER[index].word,
        "zorder": -index,
        "x": [mark.machines or None for mark in marks],
        "y": list(range(len(marks))),
        "text": [count(mark.machines) for mark in marks],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"color": "var(--app-accent-text)", "size": 11},
        "width": 0.66,
        "hovertext": [_hover(mark) for mark in marks],
        "hoverinfo": "text",
        "customdata": [mark.href for mark in marks],
        "marker": {"color": POWER[index].colour, "line": {"width": gaps, "color": "var(--app-surface)"}},
    }


def _bar_layout(marks: Sequence[Mark], largest: int) -> dict[str, Any]:
    values = _VALUE_AXIS | {"range": [0, max(largest, 1)]}
    if largest <= 5:
        values |= {"dtick": 1}
    names = _NAME_AXIS | {
        "range": [len(marks) - 0.5, -0.5],
        "tickvals": list(range(len(marks))),
        "ticktext": [escape(shortened(mark.full_label), quote=False) for mark in marks],
        "ticklabelstandoff": 6,
    }
    return _LAYOUT | {
        "margin": {"l": 0, "r": 14 + 7 * len(count(largest)), "t": 4, "b": 26},
        "xaxis": values,
        "yaxis": names,
    }


def shortened(label: str) -> str:
    """A label as it stands on an axis: vendors in short, the middle left out if it is still too long.

    Example:
        >>> shortened("Microsoft Windows Server 2019 (64-bit)"), shortened("Red Hat Enterprise Linux 8")
        ('Windows Server 2019', 'RHEL 8')
        >>> shortened("cluster-for-the-databases-north-01")
        'cluster-for-t…s-north-01'
    """
    for long, short in _SHORTER.items():
        label = label.replace(long, short)
    if len(label) <= LABEL_LENGTH:
        return label
    return f"{label[: LABEL_LENGTH - 11]}…{label[-10:]}"


def _hover(mark: Mark) -> str:
    return f"{escape(mark.full_label, quote=False)}: <b>{count(mark.machines)}</b>"


def _chart(
    figure: dict[str, Any],
    *,
    height: int,
    title: str,
    table: Component,
    above: Component | None = None,
    below: Component | None = None,
) -> Component:
    """A figure and its twin. The height in pixels follows the rows, so it cannot stand in the style sheet."""
    picture: dict[str, Any] = {"role": "img", "aria-label": title}
    graph = dcc.Graph(figure=figure, config=_CONFIG, style={"height": f"{height}px"})
    parts = (
        above,
        html.Div(graph, className="chart-links", **picture),
        below,
        html.Details([html.Summary("Show as table"), table], className="table-twin"),
    )
    return html.Div([part for part in parts if part is not None], className="chart")
