"""Definitions of third parties: found through entry points, loaded when they are asked for."""

from __future__ import annotations

import functools
import re
import traceback
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from d2vbench.errors import UserError
from d2vbench.keys import digest, file_sha256, python_sources

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")

_NAME = re.compile(r"[a-z][a-z0-9_-]*")


class PluginError(UserError):
    """What a third party offers cannot be used; says whose it is, and what to do."""


@dataclass(frozen=True)
class Offer:
    """One entry point of a third party.

    Attributes
    ----------
    entry : importlib.metadata.EntryPoint
        As the distribution declares it.
    """

    entry: EntryPoint

    @property
    def distribution(self) -> str:
        """Name of the distribution that offers it."""
        return self.entry.dist.name if self.entry.dist else "an unknown distribution"

    @property
    def version(self) -> str:
        """Version of that distribution."""
        return self.entry.dist.version if self.entry.dist else ""

    @property
    def origin(self) -> str:
        """The distribution and its version, for lists."""
        return f"{self.distribution} {self.version}".strip()

    @property
    def where(self) -> str:
        """The origin and the entry point, for messages."""
        entry = self.entry
        return f"of {self.origin} (entry point {entry.name} = {entry.value} in {entry.group})"

    def load(self, kind: str) -> Any:
        """Import what the entry point names; the import system keeps it.

        Parameters
        ----------
        kind : str
            What it is, for the message.

        Raises
        ------
        PluginError
            Whatever goes wrong.
        """
        try:
            return self.entry.load()
        except (Exception, SystemExit) as error:
            raise self.error(kind, f"cannot be loaded: {describe(error)}") from error

    def error(self, kind: str, problem: str) -> PluginError:
        """Return the error that names the distribution, the entry point and what to do."""
        return PluginError(
            f"{kind} {self.entry.name!r} {self.where} {' '.join(problem.split())}; "
            f"fix or uninstall {self.distribution}"
        )

    @functools.cached_property
    def source(self) -> str:
        """Digest of the Python sources that the entry point stands among: `python_sources`."""
        module = self._module()
        folder = Path(getattr(module, "__file__", None) or "").parent
        named = sorted(
            (path.relative_to(folder).as_posix(), file_sha256(path))
            for path in python_sources(module)
        )
        # From an archive nothing can be read: then the version has to tell.
        return digest(named or self.origin)

    def _module(self) -> types.ModuleType:
        import importlib

        return importlib.import_module(self.entry.module)


@functools.cache
def offers(group: str) -> tuple[Offer, ...]:
    """Return what is installed for a group of entry points; imports none of it.

    Parameters
    ----------
    group : str
        ``"d2vbench.strategies"`` and the like.

    Returns
    -------
    tuple of Offer
        By name, then by distribution.
    """
    from importlib.metadata import entry_points

    found = map(Offer, entry_points(group=group))
    return tuple(sorted(found, key=lambda offer: (offer.entry.name, offer.origin)))


# Distributions of which something was used in this process, for the provenance of its results.
_used: dict[str, str] = {}


def used_versions() -> dict[str, str]:
    """Return the distributions whose definitions this process has used, with their versions."""
    return dict(sorted(_used.items()))


class Catalogue(Mapping[str, T]):
    """Definitions of one kind by name: first d2vbench's own, then those of third parties.

    Names are known without importing anything of a third party; looking one up loads it. So one
    that is broken harms nobody who does not ask for it.

    Parameters
    ----------
    kind : str
        What is defined, singular: ``"strategy"``.
    group : str
        The group of entry points.
    built_in : dict of str to T
        d2vbench's own, in their order.
    check : callable
        From a name and what an entry point led to, to what is wrong with it; empty if nothing.
    reserved : tuple of str
        Further names that a third party may not have.
    """

    def __init__(
        self,
        kind: str,
        group: str,
        built_in: dict[str, T],
        check: Callable[[str, Any], str],
        reserved: tuple[str, ...] = (),
    ) -> None:
        self.kind = kind
        self.group = group
        self.built_in = built_in
        self._check = check
        self._reserved = reserved

    def __getitem__(self, name: str) -> T:
        """Return a definition; load it first where it is a third party's.

        Raises
        ------
        KeyError
            For a name that nobody defines.
        PluginError
            If it is broken, or two have the same name.
        """
        offer = self._offer(name)
        if offer is None:
            return self.built_in[name]
        value = offer.load(self.kind)
        problem = self._check(name, value) or version_problem(value)
        if problem:
            raise offer.error(self.kind, problem)
        _used[offer.distribution] = offer.version
        return value

    def __iter__(self) -> Iterator[str]:
        """Go through the names."""
        others = (offer.entry.name for offer in offers(self.group))
        return iter(dict.fromkeys([*self.built_in, *others]))

    def __len__(self) -> int:
        """Return how many names there are."""
        return len(list(iter(self)))

    def __contains__(self, name: object) -> bool:
        """Return whether somebody defines it."""
        return name in list(self)

    def origin(self, name: str) -> str:
        """Return whose a definition is, as ``"tickets 1.0"``; empty for d2vbench's own."""
        offer = self._offer(name)
        return offer.origin if offer else ""

    def version(self, name: str) -> int | str:
        """Return what tells whether results of a definition can be compared.

        Returns
        -------
        int or str
            The definition's own version; of a third party's that has none, the digest of the
            sources that it stands among.
        """
        version: int | None = getattr(self[name], "version", None)
        if version is not None:
            return version
        offer = self._offer(name)
        if offer is None:
            raise TypeError(f"{self.kind} {name!r} needs a version")
        return offer.source

    @contextmanager
    def blame(self, name: str) -> Iterator[None]:
        """Turn what a third party's code raises within into a PluginError that names it."""
        offer = self._offer(name)
        try:
            yield
        except UserError:
            raise
        except Exception as error:
            if offer is None:
                raise
            raise offer.error(self.kind, f"failed: {describe(error)}") from error

    def error(self, name: str, problem: str) -> UserError:
        """Return the error for a definition that does what it may not."""
        offer = self._offer(name)
        if offer is None:
            return UserError(f"{self.kind} {name!r} {problem}")
        return offer.error(self.kind, problem)

    def _offer(self, name: str) -> Offer | None:
        """Return the entry point of a name; None for d2vbench's own and for an unknown one."""
        found = [offer for offer in offers(self.group) if offer.entry.name == name]
        if not found:
            return None
        first = found[0]
        if name in self.built_in or name in self._reserved:
            raise first.error(self.kind, "would replace d2vbench's own of that name: rename it")
        if len(found) > 1:
            raise first.error(self.kind, f"has the name of another, {found[1].where}")
        if not _NAME.fullmatch(name):
            raise first.error(
                self.kind, "needs a name of lower-case letters, digits, hyphens and underscores"
            )
        return first


def found_in(package: str, attribute: str) -> dict[str, Any]:
    """Return the definitions in the modules of a package, one a module.

    Parameters
    ----------
    package : str
        Dotted name of an imported package.
    attribute : str
        Under which a module has its definition; modules without it are passed over.

    Returns
    -------
    dict of str to object
        By the definition's ``name`` or else the module's, with hyphens; by ``rank``, then by name.
    """
    import importlib
    import pkgutil
    import sys

    found = {}
    for module in pkgutil.iter_modules(sys.modules[package].__path__):
        value = getattr(importlib.import_module(f"{package}.{module.name}"), attribute, None)
        if value is not None:
            found[getattr(value, "name", module.name.replace("_", "-"))] = value
    return dict(sorted(found.items(), key=lambda item: (getattr(item[1], "rank", 100), item[0])))


def version_problem(value: Any) -> str:
    """Return what is wrong with the version of a third party's definition; empty if nothing."""
    version = getattr(value, "version", None)
    if version is None or (type(version) is int and version >= 1):
        return ""
    return f"has the version {version!r:.40}: expected a whole number from 1 up, or none"


def describe(error: BaseException, caller: str = __file__) -> str:
    """Return an error in one line, with the place in the code that raised it.

    Parameters
    ----------
    error : BaseException
        As it was caught.
    caller : str
        The ``__file__`` of what called the code: not the place.

    Returns
    -------
    str
        Without a place where the code is not in Python.
    """
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [
        frame
        for frame in frames
        if frame.filename not in (__file__, caller)
        and "importlib" not in Path(frame.filename).parts
        and not frame.filename.startswith("<frozen")
    ]
    text = " ".join(f"{type(error).__name__}: {error}".split())
    if not theirs:
        return text
    return f"{text} ({Path(theirs[-1].filename).name}, line {theirs[-1].lineno})"
