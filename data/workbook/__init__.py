"""Reads RVTools workbooks into typed rows. Knows neither the database nor the web."""
