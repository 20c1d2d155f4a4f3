"""The JSON report: its schema, its writer and its reader."""
