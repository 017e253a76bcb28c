"""``d2vbench doctor``: what this installation is, to paste into a report of a fault."""

from __future__ import annotations

import argparse
from typing import Any


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "doctor",
        help="print versions, engines, extras, cache, memory and threads, for a report of a fault",
        description="Print what d2vbench runs on: versions, the compiled kernel, what is "
        "installed beside it, cache, memory, threads of BLAS. No name of a person or machine.",
        epilog="Example: d2vbench doctor --json",
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print it as lines or as JSON."""
    from d2vbench.api.doctor import examine

    found = examine()
    if options.json:
        import json

        print(json.dumps(found, indent=2))
    else:
        for name, text in _lines(found):
            print(f"{name:<9} {text}")
    return 0


def _lines(found: dict[str, Any]) -> list[tuple[str, str]]:
    from d2vbench.cli.display import size_text

    system, native, cache = found["environment"], found["native"], found["cache"]
    commit = f", commit {system['commit']}" if system["commit"] else ""
    kernel = "missing: no C compiler was found when d2vbench was installed"
    if native["available"]:
        kernel = f"{native['variant']} (of {', '.join(native['variants'])})"
    packages = ", ".join(f"{name} {version}" for name, version in system["packages"].items())
    lines = [
        ("d2vbench", f"{system['d2vbench']}{commit}"),
        ("python", f"{system['python']}, {system['system']}"),
        ("processor", f"{system['cpu']}, {system['cores']} cores"),
        ("packages", packages),
        ("kernel", kernel),
        ("engine", " - ".join(filter(None, found["engine"].values()))),
    ]
    for extra, parts in found["extras"].items():
        texts = [f"{name} {version or 'missing'}" for name, version in parts.items()]
        lines.append(("extra", f"{extra}: {', '.join(texts)}"))
    lines.append(("plug-ins", ", ".join(found["plugins"]) or "none"))
    lines.append(
        (
            "cache",
            f"{cache['folder']}: {size_text(cache['size'])}, {size_text(cache['free'])} free"
            + ("" if cache["writable"] else ", NOT WRITABLE"),
        )
    )
    free = found["memory"]["available"]
    lines.append(("memory", "unknown" if free is None else f"{size_text(free)} for a run"))
    lines += [(one["kind"], f"{one['library']}, {one['threads']} threads") for one in found["blas"]]
    lines += [("variable", f"{name}={value}") for name, value in found["variables"].items()]
    return lines
