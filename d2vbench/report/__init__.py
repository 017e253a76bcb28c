"""The report: tables and figures from a run's folder alone. Needs no gensim."""

from d2vbench.report.build import ReportPaths, build_report, is_up_to_date
from d2vbench.report.findings import finding_lines

__all__ = ["ReportPaths", "build_report", "finding_lines", "is_up_to_date"]
