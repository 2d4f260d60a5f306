"""The filter language: one grammar, one table of fields, SQL and memory."""
