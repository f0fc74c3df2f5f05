"""Process stored records: check form rules, set quality flags, derive observations."""
