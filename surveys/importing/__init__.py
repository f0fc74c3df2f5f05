"""Spreadsheets of cases, votes and checks: read, recorded row by row, and answered."""
