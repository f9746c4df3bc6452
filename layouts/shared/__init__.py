"""What every page needs to draw."""
