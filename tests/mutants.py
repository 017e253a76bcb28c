"""Do the tests notice a changed expression? A drawn sample of mutants, in a process that forks.

python tests/mutants.py --of MODULE.py ... [--count 60] [--seed 0] [--again LOG] -- TESTS

The tests are run once as they are, with a note of which functions each of them enters. Then, for
each mutant, a child is forked with everything imported; it gives one function its changed code
and runs the tests that enter it, the quick ones first, until one fails. Data that several tests
share count as run by each of them, and are made anew where they run that function; what functions
of the modules keep in a cache is forgotten. Functions that nothing but an import calls, which has
been before the fork, are left out: a claim's table, say. What runs in other processes is not seen
to change: such mutants live, and so do those that change nothing. Examples in docstrings are tests
too: give the modules among them. With ``--again`` only those are tried that live by what was
printed before, with the same seed: by other tests, which may take longer.
``.ci/mutants`` is the slower way, with mutmut.

Fails when fewer than ``--least`` percent are killed. One that takes much longer than its tests do
without it is killed.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib
import io
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
JOINED = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.LShift: ast.RShift,
}  # fmt: skip
NOTHING = ast.Constant(None)
Place = tuple[str, int]


def changes(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """Yield the names of fields of a node, each with what to put there."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARED:
        yield "ops", [COMPARED[type(node.ops[0])](), *node.ops[1:]]
    elif isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in JOINED:
        yield "op", JOINED[type(node.op)]()
    elif isinstance(node, ast.BoolOp):
        yield "op", ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield "value", not node.value
        elif isinstance(node.value, int | float):
            yield "value", node.value + 1
        elif isinstance(node.value, str) and node.value:
            yield "value", f"XX{node.value}XX"
    elif isinstance(node, ast.Return | ast.Assign) and node.value is not None:
        if not (isinstance(node.value, ast.Constant) and node.value.value is None):
            yield "value", NOTHING
    elif isinstance(node, ast.If | ast.While | ast.IfExp):
        yield "test", ast.UnaryOp(ast.Not(), node.test)


class Function:
    """A function or method at the top level of a module, and the places to change in it."""

    def __init__(self, path: Path, tree: ast.Module, place: list[int]) -> None:
        self.path, self.tree, self.place = path, tree, place
        names, node = [], tree
        for index in place:
            node = node.body[index]
            names.append(node.name)
        self.names, self.node = names, node
        documented = ast.get_docstring(node) is not None
        self.points: list[tuple[int, str, Any]] = []
        body = node.body[documented:]
        self.nodes = [inner for statement in body for inner in _expressions(statement)]
        for number, inner in enumerate(self.nodes):
            self.points += [(number, field, value) for field, value in changes(inner)]

    def target(self) -> FunctionType | None:
        """Return the function that is at work."""
        found: Any = module_of(self.path)
        for name in self.names:
            found = vars(found).get(name)
        for name in ("fget", "__func__", "func"):
            found = getattr(found, name, found)
        while hasattr(found, "__wrapped__"):
            found = found.__wrapped__
        return found if isinstance(found, FunctionType) else None

    def starts(self) -> Place:
        """Return where the code of the function at work begins; nowhere if there is none."""
        target = self.target()
        return (target.__code__.co_filename, target.__code__.co_firstlineno) if target else ("", 0)

    def changed(self, point: tuple[int, str, Any]) -> tuple[CodeType, str]:
        """Return the code with one change, and what the change is."""
        tree = copy.deepcopy(self.tree)
        node: Any = tree
        for index in self.place:
            node = node.body[index]
        documented = ast.get_docstring(node) is not None
        inner = [i for s in node.body[documented:] for i in _expressions(s)][point[0]]
        before = ast.unparse(inner)
        setattr(inner, point[1], copy.deepcopy(point[2]))
        after = ast.unparse(inner)
        code = self._compiled(tree)
        said = f"{self.path}:{inner.lineno} {'.'.join(self.names)}: {before} -> {after}"
        return code, said.replace("\n", " ")

    def noting(self) -> CodeType:
        """Return the code that first tells ``_entered``, a name of its module, that it runs."""
        tree = copy.deepcopy(self.tree)
        node: Any = tree
        for index in self.place:
            node = node.body[index]
        told = ast.Call(ast.Name("_entered", ast.Load()), [ast.Constant(self.starts())], [])
        node.body.insert(ast.get_docstring(node) is not None, ast.Expr(told))
        return self._compiled(tree)

    def _compiled(self, tree: ast.Module) -> CodeType:
        code = compile(ast.fix_missing_locations(tree), str(self.path.resolve()), "exec")
        for name in self.names:
            code = next(c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)
        return code


def _expressions(node: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and those below, without annotations, docstrings and parts of formats."""
    yield node
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "format_spec"):
            continue
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant):
                continue
            if isinstance(inner, ast.AST):
                yield from _expressions(inner)


def functions(path: Path) -> list[Function]:
    """Return the functions of a module, and the methods of its classes."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = []
    for i, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef):
            found.append(Function(path, tree, [i]))
        elif isinstance(node, ast.ClassDef):
            found += [
                Function(path, tree, [i, j])
                for j, inner in enumerate(node.body)
                if isinstance(inner, ast.FunctionDef)
            ]
    return found


def module_of(path: Path) -> Any:
    """Return the module in a file, or the package of an ``__init__``."""
    parts = path.with_suffix("").parts
    return importlib.import_module(".".join(parts[: -1 if parts[-1] == "__init__" else None]))


def caches_of(path: Path) -> list[Any]:
    """Return the functions of a module that keep what they have returned."""
    return [found for found in vars(module_of(path)).values() if hasattr(found, "cache_clear")]


class Mutants:
    """A plug-in of pytest that does all of it once the tests are collected."""

    def __init__(
        self, of: list[Path], count: int, seed: int, limit: float, again: set[str] | None
    ) -> None:
        self.of, self.count, self.seed, self.limit, self.again = of, count, seed, limit, again
        self.killed, self.alive = 0, []
        self.paths = {str(path.resolve()) for path in of}
        self.entered: set[Place] = set()
        self.of_shared: dict[str, set[Place]] = {}
        self.at_import: set[Place] = set()
        self.caches: list[Any] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        """Note what data of several tests run: each test that asks for them runs it."""
        if fixturedef.scope == "function":
            return (yield)
        outer, self.entered = self.entered, set()
        try:
            return (yield)
        finally:
            self.of_shared.setdefault(fixturedef.argname, set()).update(self.entered)
            self.entered = outer

    def note(self, frame: Any, event: str, _: Any) -> None:
        """Note a call, as the function that traces."""
        code = frame.f_code
        if code.co_filename in self.paths:
            self.entered.add((code.co_filename, code.co_firstlineno))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        sys.settrace(None)
        self.at_import = self.entered
        items = session.items
        self.caches = [cache for path in self.of for cache in caches_of(path)]
        everything = [one for path in self.of for one in functions(path)]
        usual = self.noted(everything)
        reached: dict[Place, list[int]] = {}
        seconds = []
        for number, item in enumerate(items):
            self.entered = set()
            for cache in self.caches:
                cache.cache_clear()
            begun = time.monotonic()
            reports = runtestprotocol(item, nextitem=items[(number + 1) % len(items)], log=False)
            seconds.append(time.monotonic() - begun)
            if any(report.failed for report in reports):
                said = "\n".join(str(report.longrepr) for report in reports if report.failed)
                print(said, file=sys.__stdout__)
                raise pytest.UsageError(f"{item.nodeid} fails without any mutant")
            data = [self.of_shared.get(name, set()) for name in item.fixturenames]
            for place in self.entered.union(*data):
                reached.setdefault(place, []).append(number)
        for target, code in usual:
            target.__code__ = code
        of_shared = set().union(*self.of_shared.values())
        for function, point in self.drawn(everything, self.at_import - reached.keys()):
            target = function.target()
            code, said = function.changed(point)
            if self.again is not None and said not in self.again:
                continue
            tests: list[int] = []
            place = function.starts()
            if target is not None:
                tests = sorted(reached.get(place, []), key=seconds.__getitem__)
            limit = self.limit + 3 * sum(seconds[number] for number in tests)
            begun = time.monotonic()
            alive = target is None or self.lives(
                session, target, code, tests, limit, anew=place in of_shared
            )
            took = time.monotonic() - begun
            if alive:
                self.alive.append(said)
            else:
                self.killed += 1
            word = "ALIVE" if alive else "killed"
            print(
                f"{word} ({len(tests)} tests, {took:.1f} s) {said}", file=sys.__stdout__, flush=True
            )
        return True

    def noted(self, everything: list[Function]) -> list[tuple[FunctionType, CodeType]]:
        """Have functions tell that they are entered; return each with the code that it had."""
        usual = []
        for function in everything:
            target = function.target()
            if target is not None:
                usual.append((target, target.__code__))
                target.__globals__["_entered"] = lambda place: self.entered.add(place)
                target.__code__ = function.noting()
        return usual

    def drawn(
        self, of: list[Function], left_out: set[Place]
    ) -> list[tuple[Function, tuple[int, str, Any]]]:
        """Draw mutants from all of the modules, but for some functions."""
        everything = [(f, point) for f in of if f.starts() not in left_out for point in f.points]
        some = random.Random(self.seed).sample(everything, min(self.count, len(everything)))
        print(f"{len(some)} of {len(everything)} mutants, seed {self.seed}", file=sys.__stdout__)
        return some

    def lives(
        self, session: pytest.Session, target: FunctionType, code: CodeType, tests: list[int],
        limit: float, anew: bool,
    ) -> bool:  # fmt: skip
        """Return whether no test of a child with the changed code fails."""
        child = os.fork()
        if not child:
            target.__code__ = code
            for cache in self.caches:
                cache.cache_clear()
            died = True
            try:
                with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
                    if anew:
                        session._setupstate.teardown_exact(None)
                    died = any(_fails(session, session.items[number]) for number in tests)
            finally:
                os._exit(1 if died else 0)
        end = time.monotonic() + limit
        while time.monotonic() < end:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                return status == 0
            time.sleep(0.02)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return False


def _fails(session: pytest.Session, item: Any) -> bool:
    session._setupstate.teardown_exact(item)
    item._initrequest()
    return any(report.failed for report in runtestprotocol(item, nextitem=item, log=False))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--of", nargs="+", type=Path, required=True, help="modules")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--limit", type=float, default=60, help="seconds a mutant, beside three times its tests'"
    )
    parser.add_argument("--least", type=float, default=80, help="percent")
    parser.add_argument("--again", type=Path, help="what was printed: only those that live")
    parser.add_argument("tests", nargs="+")
    args = parser.parse_args()
    lines = args.again.read_text(encoding="utf-8").splitlines() if args.again else []
    alive = {line.partition(" s) ")[2] for line in lines if line.startswith("ALIVE ")}
    plugin = Mutants(args.of, args.count, args.seed, args.limit, alive if args.again else None)
    options = ["-q", "-n", "0", "-p", "no:cacheprovider", "-p", "no:warnings", "-s"]
    sys.settrace(plugin.note)
    code = pytest.main([*options, *args.tests], plugins=[plugin])
    n = plugin.killed + len(plugin.alive)
    if code or not n:
        sys.exit(f"pytest ended with {code}")
    share = 100 * plugin.killed / n
    print(f"{plugin.killed} of {n} killed: {share:.1f} %")
    sys.exit(share < args.least)


if __name__ == "__main__":
    main()
