"""Figures as files: those whose data changed are drawn, several at a time."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from d2vbench.files import FIGURE_ENDINGS, write_json
from d2vbench.keys import digest, digest_files, file_sha256
from d2vbench.report.document.structure import FigureBlock, Mark, Picture
from d2vbench.report.drawing.description import describe_figure
from d2vbench.report.drawing.marks import marks_of
from d2vbench.report.drawing.style import quiet_about_glyphs, save_figure

#: Beside the report: what each figure was drawn from, and what was written.
KNOWN = ".figures"
# A process more takes about as long to begin as this many figures take to draw.
_WORTH_A_PROCESS = 6


def pictures_of(blocks: Sequence[FigureBlock], folder: Path, known: Path) -> dict[str, Picture]:
    """Draw figures and write their files, but for those that are there already.

    Parameters
    ----------
    blocks : sequence of FigureBlock
        All figures of a document.
    folder : pathlib.Path
        Of their files; must exist.
    known : pathlib.Path
        Where it is kept what they were drawn from.

    Returns
    -------
    dict of str to Picture
        By slug.
    """
    sources = _sources()
    wanted = {block.slug: _drawn_from(block, sources) for block in blocks}
    before = _read(known)
    found = {block.slug: _there(folder, block.slug, wanted[block.slug], before) for block in blocks}
    missing = [block for block in blocks if found[block.slug] is None]
    drawn = _drawn(missing, folder)
    pictures = {block.slug: found[block.slug] or drawn[block.slug] for block in blocks}
    kept = {
        slug: {
            "from": wanted[slug],
            "description": picture.description,
            "marks": [asdict(mark) for mark in picture.marks],
            "files": {end: file_sha256(folder / f"{slug}{end}") for end in FIGURE_ENDINGS},
        }
        for slug, picture in pictures.items()
        if wanted[slug]
    }
    write_json(known, kept)
    return pictures


def _drawn(blocks: Sequence[FigureBlock], folder: Path) -> dict[str, Picture]:
    jobs = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1,
               len(blocks) // _WORTH_A_PROCESS)  # fmt: skip
    try:
        from joblib import Parallel, delayed
    except ImportError:  # A report needs the results alone.
        jobs = 1
    if jobs < 2:
        return {block.slug: _picture(block, folder) for block in blocks}
    pictures = Parallel(n_jobs=jobs, batch_size=1)(
        delayed(_picture)(block, folder) for block in blocks
    )
    return dict(zip((block.slug for block in blocks), pictures, strict=True))


def _picture(block: FigureBlock, folder: Path) -> Picture:
    with quiet_about_glyphs():
        figure, numbers = block.draw()
    said = describe_figure(numbers) or block.caption
    files = save_figure(figure, folder, block.slug, block.title, said)
    return Picture(files[".svg"].decode("utf-8"), said, marks_of(figure))


def _there(
    folder: Path, slug: str, wanted: str, before: dict[str, dict[str, Any]]
) -> Picture | None:
    """Return a figure that was drawn before from the same, and whose files are as they were."""
    one = before.get(slug)
    if not wanted or one is None or one["from"] != wanted:
        return None
    try:
        if any(file_sha256(folder / f"{slug}{end}") != one["files"][end] for end in FIGURE_ENDINGS):
            return None
        marks = tuple(Mark(**{**mark, "span": tuple(mark["span"])}) for mark in one["marks"])
        svg = (folder / f"{slug}.svg").read_text(encoding="utf-8")
        return Picture(svg, one["description"], marks)
    except (OSError, UnicodeDecodeError, TypeError, KeyError):
        return None


def _read(known: Path) -> dict[str, dict[str, Any]]:
    """Return what a file says of figures; nothing of what is not of that form."""
    try:
        values = json.loads(known.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}

    def good(one: Any) -> bool:
        return (
            isinstance(one, dict)
            and all(isinstance(one.get(name), str) for name in ("from", "description"))
            and isinstance(one.get("marks"), list)
            and isinstance(one.get("files"), dict)
            and one["files"].keys() == set(FIGURE_ENDINGS)
        )

    return {k: v for k, v in values.items() if good(v)} if isinstance(values, dict) else {}


def _drawn_from(block: FigureBlock, sources: str) -> str:
    """Return the digest of all that decides a figure; empty where that cannot be told."""
    try:
        import joblib

        parts = joblib.hash([_parts(block.draw), block.title, block.caption], "sha1")
    except Exception:  # What cannot be hashed is drawn each time.
        return ""
    return digest([sources, block.slug, parts])


def _parts(draw: Callable[..., Any]) -> list[Any]:
    """Return the name of a drawing and what it is drawn from: arguments, and what it closes over.

    Its code is among the sources.
    """
    if hasattr(draw, "__self__"):
        raise TypeError("what a method is bound to is not looked at")
    if isinstance(draw, functools.partial):
        return [*_parts(draw.func), draw.args, draw.keywords]
    closed = [cell.cell_contents for cell in draw.__closure__ or ()]
    values = [_parts(one) if callable(one) else one for one in closed]
    return [draw.__module__, draw.__qualname__, draw.__defaults__, draw.__kwdefaults__, values]


@functools.cache
def _sources() -> str:
    """Return the digest of what draws: the code, and the libraries that it draws with."""
    import matplotlib
    import numpy
    import pandas

    package = Path(__file__).resolve().parents[2]
    parts = [path for part in ("analysis", "report") for path in package.glob(f"{part}/**/*.py")]
    versions = [library.__version__ for library in (matplotlib, numpy, pandas)]
    return digest([digest_files(parts), versions])
