"""Telegram through a bot, where its token is set."""
