"""Receive one record: read its envelope, keep its files, insert one row, answer."""
