"""Background tasks that were begun and not ended: a task that crashes its worker is given up."""
