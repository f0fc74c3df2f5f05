"""Pages on which people with the right change services, standards, documents and indicators."""
