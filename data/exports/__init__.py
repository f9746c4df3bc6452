"""Files that take too long for a request: written by a job, fetched from it."""

from data.exports.machines import MachineExport, write_export

__all__ = ["MachineExport", "write_export"]
