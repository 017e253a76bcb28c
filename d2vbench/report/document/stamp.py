"""Whether a report is what it would be if it were written now."""

from __future__ import annotations

from pathlib import Path

from d2vbench.bench.store.packed import packed_files
from d2vbench.files import write_text
from d2vbench.keys import digest, digest_files, file_sha256
from d2vbench.report.document.notice import NOTICE

# Beside the report: what it was made of.
STAMP = ".report"


def write_stamp(run: Path) -> None:
    """Note what the report of a run's folder was made of."""
    write_text(run / STAMP, _stamp(run) + "\n")


def is_up_to_date(run: Path) -> bool:
    """Return whether the report of a run's folder is what `build_report` would write now."""
    try:
        return (run / STAMP).read_text(encoding="utf-8").strip() == _stamp(run)
    except OSError:
        return False


def _stamp(run: Path) -> str:
    """Return the digest of what a report is made of: manifest, records, and the sources for it."""
    package = Path(__file__).resolve().parents[2]
    sources = [*package.glob("analysis/**/*.py"), *package.glob("report/**/*.py")]
    sources += package.glob("report/render/assets/*.*")
    # A record's name is the hash of what it came from.
    records = sorted(path.name for path in (run / "records").glob("*.json"))
    whole = [run / "manifest.json", *(path for path in packed_files(run) if path.exists())]
    whole += [path for path in (run / NOTICE,) if path.exists()]
    return digest([*map(file_sha256, whole), records, digest_files(sources)])
