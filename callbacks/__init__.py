"""Callbacks carry what the data answers to what the layouts draw: one module per page, of the same name."""

MODULES = ("overview", "vm_explorer", "machine", "data_import")
"""Pages with callbacks. Each module has `callback`, a `CallbackGroup`, and maybe `routes`, a Flask blueprint."""
