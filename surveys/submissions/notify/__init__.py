"""Notify workers and webhooks of new records."""
