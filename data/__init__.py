"""Answers questions about the inventory. Knows nothing of Dash, Plotly or the browser."""
