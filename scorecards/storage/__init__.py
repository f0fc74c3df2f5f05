"""Store and read rows in bulk: partitions, COPY, packed columns and replacement of rows."""
