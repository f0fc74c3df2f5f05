"""`manage.py serve`: web, workers and beat under one supervisor that leaves nothing behind."""
