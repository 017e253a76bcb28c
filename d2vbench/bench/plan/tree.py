"""The plan tree: cells whose plans begin alike are trained together up to where they part.

Plans of one trunk (pair, share of D, model, vocabulary, seed, engine) are laid as a tree of phases.
A stretch is a path of phases without a branch inside; it is trained once. Where the tree branches,
the weights are kept as a checkpoint, from which the stretches above go on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from d2vbench.bench.spec.cell import Cell, TrainedCell
from d2vbench.bench.spec.versions import model_versions
from d2vbench.families import FAMILIES
from d2vbench.keys import digest
from d2vbench.strategies import Phase, Plan, Sizes


@dataclass(frozen=True)
class Stretch:
    """Phases that are trained in one go.

    Attributes
    ----------
    key : str
        Identity of the state after its last phase: what decides the weights, and nothing else.
    parent : str or None
        Key of the stretch whose weights it continues from; None begins with an untrained model.
    before : tuple of Phase
        Phases up to the parent's end: trained again where its checkpoint is missing.
    phases : tuple of Phase
        Its own.
    cells : tuple of (int, int)
        Cells that end inside or at the end of it: (index in the grid, number of own phases).
    depth : int
        How many stretches come before it.
    below : int
        Cells of it and of all stretches that continue from it.
    branches : int
        Stretches that continue from its end.
    """

    key: str
    parent: str | None
    before: tuple[Phase, ...]
    phases: tuple[Phase, ...]
    cells: tuple[tuple[int, int], ...]
    depth: int
    below: int
    branches: int

    def words(self, sizes: Sizes) -> int:
        """Return the words of its own phases, repeats included."""
        return round(sum(phase.words(sizes) for phase in self.phases))


def shares_training(cell: Cell, plans: Sequence[Plan]) -> bool:
    """Return whether a cell can take part in the tree.

    Baselines train nothing, ensembles train several models, and an expansion runs in a process of
    its own; these are computed alone.
    """
    return (
        isinstance(cell, TrainedCell)
        and len(plans) == 1
        and not FAMILIES[cell.family].trains_apart(cell.settings)
    )


def trunk_key(cell: TrainedCell, pair_key: str, plan: Plan) -> str:
    """Return the identity of everything but the phases that decides a model's weights.

    Parameters
    ----------
    cell : TrainedCell
        Label budgets, inference and the schedule's name do not enter: they train nothing.
    pair_key : str
        `Pair.key`.
    plan : Plan
        Enters by the part of it that decides the untrained model.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    part = FAMILIES[cell.family].part_of_plan(cell.settings, plan)
    versions = model_versions(cell.family, cell.settings)
    parts = [cell.pair, cell.fraction, cell.family, cell.settings.to_json(), cell.seed]
    parts += [cell.generic_fraction] if cell.generic_fraction < 1 else []
    return digest([*parts, cell.vectors, pair_key, versions, part])


@dataclass
class _Node:
    phases: tuple[Phase, ...] = ()
    cells: list[int] = field(default_factory=list)
    children: dict[Phase, _Node] = field(default_factory=dict)


def lay_tree(plans: Sequence[tuple[int, str, Plan]]) -> list[Stretch]:
    """Lay plans as trees and cut them into stretches.

    Parameters
    ----------
    plans : sequence of (int, str, Plan)
        Index of a cell, its trunk's key, its plan.

    Returns
    -------
    list of Stretch
        A parent before its branches. Every phase of every plan is in one stretch, and phases that
        plans of a trunk have in common are in the same one.
    """
    trunks: dict[str, _Node] = {}
    for index, trunk, plan in plans:
        node = trunks.setdefault(trunk, _Node())
        for i, phase in enumerate(plan.phases):
            node = node.children.setdefault(phase, _Node(plan.phases[: i + 1]))
        node.cells.append(index)
    stretches: list[Stretch] = []
    for trunk, root in trunks.items():
        for child in root.children.values():
            _cut(trunk, None, (), child, 0, stretches)
    return sorted(stretches, key=lambda s: s.depth)


def _cut(
    trunk: str,
    parent: str | None,
    before: tuple[Phase, ...],
    node: _Node,
    depth: int,
    stretches: list[Stretch],
) -> int:
    """Append the stretch that begins with a node, and those that continue from it."""
    ends = []
    while True:
        ends += [(index, len(node.phases) - len(before)) for index in node.cells]
        if len(node.children) != 1:
            break
        (node,) = node.children.values()
    key = digest([trunk, [phase.to_json() for phase in node.phases]])
    place = len(stretches)
    below = len(ends)
    for child in node.children.values():
        below += _cut(trunk, key, node.phases, child, depth + 1, stretches)
    made = Stretch(
        key=key,
        parent=parent,
        before=before,
        phases=node.phases[len(before) :],
        cells=tuple(ends),
        depth=depth,
        below=below,
        branches=len(node.children),
    )
    stretches.insert(place, made)
    return below
