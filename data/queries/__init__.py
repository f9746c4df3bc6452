"""The questions: one function each, over the session and the scope it is given. Nothing here writes."""
