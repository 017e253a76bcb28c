"""The report before any form is chosen."""
