"""The report: tables and figures from a run's folder alone. Needs no gensim."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from d2vbench.report.document.stamp import is_up_to_date

if TYPE_CHECKING:
    from d2vbench.report.chapters.findings import finding_lines
    from d2vbench.report.document.build import ReportPaths, build_report

__all__ = ["ReportPaths", "build_report", "finding_lines", "is_up_to_date"]

# pandas and Matplotlib take a second to load, which a run that is complete already can do without.
_LAZY = {
    "ReportPaths": "document.build",
    "build_report": "document.build",
    "finding_lines": "chapters.findings",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
