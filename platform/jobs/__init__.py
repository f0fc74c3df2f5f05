"""Background tasks that were begun and not ended: a task that kills its worker is given up."""
