"""Callbacks carry what the data answers to what the layouts draw: one module per page, named like its layout."""
