"""Figures of the product at 10,000 and 100,000 machines, beside the hand-written SQL of `floor.sql`."""
