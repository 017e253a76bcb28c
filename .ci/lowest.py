"""Prints pip constraints that hold every requirement of pyproject.toml to its lower bound.

Usage: python .ci/lowest.py [EXTRA ...]

Only what the project itself names is held; what those packages need in turn is pip's choice.
Python 3.11 or newer, or with tomli; needs packaging.
"""

import sys
from pathlib import Path

from packaging.requirements import Requirement

try:
    import tomllib
except ModuleNotFoundError:
    import tomli as tomllib


def lowest(project, extras):
    """Constraints, sorted: one `name==version` for each requirement that applies here."""
    lines = list(project["dependencies"])
    waiting, seen = list(extras), set()
    while waiting:
        extra = waiting.pop()
        if extra in seen:
            continue
        seen.add(extra)
        for line in project["optional-dependencies"][extra]:
            requirement = Requirement(line)
            if requirement.name == project["name"]:
                waiting += requirement.extras
            else:
                lines.append(line)
    held = set()
    for line in lines:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate():
            continue
        bounds = [s.version for s in requirement.specifier if s.operator in (">=", "==")]
        if len(bounds) != 1:
            raise SystemExit(f"pyproject.toml: {line!r} has no single lower bound")
        held.add(f"{requirement.name}=={bounds[0]}")
    return sorted(held)


if __name__ == "__main__":
    text = (Path(__file__).resolve().parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    print(*lowest(tomllib.loads(text)["project"], sys.argv[1:]), sep="\n")
