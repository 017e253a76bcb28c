"""Docstrings of installed packages: technical prose that is on every machine.

The source files are parsed, never imported: no side effects, no optional dependencies, and the
same documents wherever the same versions are installed. That leaves out docstrings which only
exist in compiled modules (most LAPACK wrappers), and keeps the sources of those that
``add_newdoc`` attaches to compiled functions.
"""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import inspect
import platform
import re
import sysconfig
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from d2vbench.corpora.store.documents import Document
from d2vbench.errors import UserError

#: Raised when other documents are read.
version = 1

# Folders whose docstrings are not the package's own prose: tests, vendored code, build scripts.
_SKIPPED = frozenset(
    (
        "tests", "test", "testing", "idlelib", "lib2to3", "site-packages", "dist-packages",
        "externals", "_vendor", "vendor", "extern", "__pycache__", "ensurepip", "turtledemo",
    )
)  # fmt: skip
_DISTRIBUTION = {"sklearn": "scikit-learn"}
_STDLIB = "stdlib"

_UNDERLINE = re.compile(r"^\s*([=\-~^\"'`*+#.:_]{3,}\s*)+$")
_TABLE_ROW = re.compile(r"^\s*[|+].*[|+]\s*$")
_DIRECTIVE = re.compile(r"^(\s*)\.\.\s+(?!\[)\S*")
_PROSE_DIRECTIVE = re.compile(
    r"^\s*\.\.\s+(note|warning|versionadded|versionchanged|deprecated|seealso|tip)::\s*(.*)$"
)
_ROLE = re.compile(r":[a-z:]+:`~?([^`]*)`")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _skip_block(lines: list[str], start: int, indent: int) -> int:
    """Return the index of the first line from ``start`` that is not indented under ``indent``."""
    i = start
    while i < len(lines) and (not lines[i].strip() or _indent(lines[i]) > indent):
        i += 1
    return i


def prose(docstring: str, package: str = "") -> str:
    r"""Keep the prose of a docstring; leave out code, formulas, tables and the package's own name.

    Parameters
    ----------
    docstring : str
        With common indentation removed.
    package : str
        Dotted names that begin with this package are taken out: ``scipy.stats.norm`` in a "See
        also" states the label that a classifier is to find.

    Returns
    -------
    str
        Left out are interactive sessions (``>>>``) with their output, literal blocks after
        ``::``, code and formula directives, underlines, and rows of drawn tables. Parameter names
        and types stay: they are how such text is written.

    Examples
    --------
    >>> prose("Sum of a.\n\n>>> f(1)\n2\n\nSee scipy.stats.norm too.", "scipy")
    'Sum of a.\n\nSee  too.'
    """
    lines = docstring.splitlines()
    kept: list[str] = []
    i = 0
    while i < len(lines):
        line = lines[i]
        stripped = line.strip()
        if stripped.startswith(">>>"):
            # The output of a session runs to the next blank line.
            while i < len(lines) and lines[i].strip():
                i += 1
            continue
        if match := _PROSE_DIRECTIVE.match(line):
            kept.append(match[2])
        elif match := _DIRECTIVE.match(line):
            i = _skip_block(lines, i + 1, len(match[1]))
            continue
        elif stripped.endswith("::"):
            kept.append(line.rstrip().rstrip(":"))
            i = _skip_block(lines, i + 1, _indent(line))
            continue
        elif not _UNDERLINE.match(line) and not _TABLE_ROW.match(line):
            kept.append(line)
        i += 1
    text = _ROLE.sub(r"\1", "\n".join(kept))
    if package:
        text = re.sub(rf"\b{re.escape(package)}(\.\w+)+", "", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _called(node: ast.Expr) -> str:
    function = node.value.func if isinstance(node.value, ast.Call) else None
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def _strings(call: ast.AST) -> Iterator[str]:
    for node in ast.walk(call):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" in node.value:
            yield node.value


def docstrings_of(tree: ast.AST, name: str) -> Iterator[tuple[str, str]]:
    """Yield (qualified name, docstring) of a module, its classes and functions, in source order.

    Parameters
    ----------
    tree : ast.AST
        A parsed module, class or function.
    name : str
        Its qualified name.

    Yields
    ------
    (str, str)
        Docstrings cleaned of common indentation; also the texts given to ``add_newdoc`` and
        ``add_docstring``, which documents compiled functions.
    """
    if isinstance(tree, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        text = ast.get_docstring(tree, clean=True)
        if text:
            yield name, text
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from docstrings_of(node, f"{name}.{node.name}")
        elif isinstance(node, ast.If | ast.Try | ast.With):
            yield from docstrings_of(node, name)
        elif isinstance(node, ast.Expr) and _called(node) in ("add_newdoc", "add_docstring"):
            for i, text in enumerate(_strings(node)):
                yield f"{name}:{node.lineno}.{i}", inspect.cleandoc(text)


def _root(package: str) -> Path:
    if package == _STDLIB:
        return Path(sysconfig.get_paths()["stdlib"])
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise UserError(
            f"the corpus of docstrings needs the package {package!r}, which is not installed"
        )
    return Path(spec.origin).parent


def _read_package(package: str, min_words: int) -> list[Document]:
    root = _root(package)
    documents = []
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).parts
        if _SKIPPED & set(parts) or path.name == "conftest.py":
            continue
        try:
            with warnings.catch_warnings():
                # Old escapes in other people's files are no news for our reader.
                warnings.simplefilter("ignore")
                tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError, ValueError):
            continue  # a template or a deliberately broken file
        module = ".".join((package, *parts)).removesuffix(".py").removesuffix(".__init__")
        part = parts[0].removesuffix(".py") if len(parts) > 1 else ""
        label = f"{package}.{part}" if part else package
        for i, (name, docstring) in enumerate(docstrings_of(tree, module)):
            text = prose(docstring, package)
            if len(text.split()) >= min_words:
                documents.append(Document(f"{name}#{i}", text, label))
    return documents


def fingerprint(
    parameters: Mapping[str, Any], files: Mapping[str, Path] | None = None
) -> dict[str, Any]:
    """Return the versions of the packages read.

    Parameters
    ----------
    parameters : mapping
        ``packages``, a list of importable names, where ``stdlib`` is the standard library.
    files : mapping, optional
        None are read.

    Returns
    -------
    dict
        ``versions``: package to version.
    """
    del files
    versions = {}
    for package in parameters["packages"]:
        if package == _STDLIB:
            versions[package] = platform.python_version()
        else:
            distribution = _DISTRIBUTION.get(package, package)
            try:
                versions[package] = importlib.metadata.version(distribution)
            except importlib.metadata.PackageNotFoundError:
                raise UserError(
                    f"the corpus of docstrings needs the package {distribution!r}, "
                    "which is not installed"
                ) from None
    return {"versions": versions}


def read(
    parameters: Mapping[str, Any], files: Mapping[str, Path] | None = None
) -> Iterator[Document]:
    """Read the docstrings of packages.

    Parameters
    ----------
    parameters : mapping
        ``packages`` (see `fingerprint`) and ``min_words``, the shortest docstring kept, in words.
    files : mapping, optional
        None are read.

    Yields
    ------
    Document
        Named by qualified name; the label is the package and its sub-package
        (``scipy.stats``), or the package alone for its top-level modules.
    """
    from joblib import Parallel, delayed

    del files
    # Two processes at most: this is a few seconds of parsing, and starting workers takes one.
    parts = Parallel(n_jobs=min(2, len(parameters["packages"])))(
        delayed(_read_package)(package, parameters["min_words"])
        for package in parameters["packages"]
    )
    for part in parts:
        yield from part
