"""E-mail through the mail server named in the settings."""
