"""Keeping an installation running: backups, health, figures for monitoring, its status in words."""
