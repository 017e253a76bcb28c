from .chapters.answer import finding_lines
from .document.build import ReportPaths, build_report, is_up_to_date

__all__ = ["ReportPaths", "build_report", "finding_lines", "is_up_to_date"]
