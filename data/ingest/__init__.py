"""Imports of RVTools exports: from a file to a published state of a vCenter."""

from data.ingest.importing import import_file
from data.ingest.previewing import preview_file
from data.ingest.upkeep import needs_sweep, remove_demo, sweep

__all__ = ["import_file", "needs_sweep", "preview_file", "remove_demo", "sweep"]
