"""Spreadsheets of cases, votes and checks: read, told row by row, and answered."""
