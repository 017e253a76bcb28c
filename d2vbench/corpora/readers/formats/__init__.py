"""Formats of own data: text, tables, JSON lines, Parquet, folders."""
