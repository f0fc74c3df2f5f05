"""Export records: CSV, XLSX, JSON, tables and archives."""
