"""Writes the state of one demo vCenter as a workbook of RVTools."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from data.demo.columns import TABS
from data.demo.host_tabs import add_hosts
from data.demo.machine_tabs import add_machines
from data.demo.model import VCenter
from data.demo.network_tabs import add_networks
from data.demo.other_tabs import RVTOOLS_VERSION, add_others
from data.demo.sheets import Sheet
from data.demo.storage_tabs import add_storage


def write_workbook(path: Path, vcenter: VCenter) -> None:
    """Write all 27 tabs. Rows go to disk one by one, so memory stays flat."""
    workbook = xlsxwriter.Workbook(path, {"constant_memory": True})
    workbook.set_properties(
        {
            "author": f"RVTools {RVTOOLS_VERSION}",
            "comments": "Demo estate: every name and number is invented.",
            "created": vcenter.at,
        }
    )
    header_format = workbook.add_format({"bold": True})
    date_format = workbook.add_format({"num_format": "yyyy/mm/dd hh:mm:ss"})
    sheets = {
        tab: Sheet(workbook.add_worksheet(tab), headers, header_format=header_format, date_format=date_format)
        for tab, headers in TABS.items()
    }
    add_machines(sheets, vcenter)
    add_hosts(sheets, vcenter)
    add_networks(sheets, vcenter)
    add_storage(sheets, vcenter)
    add_others(sheets, vcenter)
    for tab, sheet in sheets.items():
        if tab != "vMetaData":
            sheet.filter_all()
    workbook.close()
