"""Machines as files: text a piece at a time, workbooks by a job."""

from data.exports.machines import MachineExport, write_export
from data.exports.naming import file_name
from data.exports.texts import csv_pieces, json_pieces, table_pieces

__all__ = ["MachineExport", "csv_pieces", "file_name", "json_pieces", "table_pieces", "write_export"]
