"""The report: tables and figures from a run's folder alone. Needs no gensim."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from d2vbench.report.stamp import is_up_to_date

if TYPE_CHECKING:
    from d2vbench.report.build import ReportPaths, build_report
    from d2vbench.report.findings import finding_lines

__all__ = ["ReportPaths", "build_report", "finding_lines", "is_up_to_date"]

# pandas and Matplotlib take a second to load, which a run that is complete already can do without.
_LAZY = {"ReportPaths": "build", "build_report": "build", "finding_lines": "findings"}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
