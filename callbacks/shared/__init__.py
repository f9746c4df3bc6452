"""What every page needs to answer."""
