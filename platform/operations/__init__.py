"""Operation of an installation: backups, health, figures for monitoring, its status in words."""
