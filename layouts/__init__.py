"""Drawing: pages lie flat, what they share is in `shared`. Knows the words of `data`, never the database."""
