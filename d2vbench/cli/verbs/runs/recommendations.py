"""What ``d2vbench recommend`` prints: a table, best first, and a line to paste; or JSON."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from d2vbench.cli.display import make_table
from d2vbench.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from d2vbench.analysis import Interval, Option, Recommendation, RunData
    from d2vbench.analysis.claims.within_budget import Affordable, Budget

# Columns of settings, and the options of `train` that they are.
_OPTIONS = {
    **{name: name.replace("_", "-") for name in (
        "epochs", "alpha", "min_alpha", "vector_size", "window", "negative", "sample", "min_count",
    )},
    "vocabulary_policy": "vocabulary",
    "inference_epochs": "infer-epochs",
    "inference_alpha": "infer-alpha",
    "inference_min_alpha": "infer-min-alpha",
}  # fmt: skip
_MOST_ROWS = 8
_WIDTH = 100


@dataclass
class Shown:
    """Recommendations of a run.

    Attributes
    ----------
    folder : pathlib.Path
        The run's.
    data : RunData
        The run.
    labels : str
        Label budget.
    found : list of Recommendation
        What to train, whatever it costs.
    affordable : list of Affordable
        What to train for a budget.
    nothing : list of (str, str, str)
        Pair and model of which nothing can be said, and why.
    """

    folder: Path
    data: RunData
    labels: str
    found: list[Recommendation] = field(default_factory=list)
    affordable: list[Affordable] = field(default_factory=list)
    nothing: list[tuple[str, str, str]] = field(default_factory=list)

    def within(self, places: list[tuple[str, str]], budget: Budget) -> None:
        """Find what to train for a budget; refuse one that is too small for every place."""
        from d2vbench.analysis.claims.within_budget import recommend_within

        errors = []
        for pair, model in places:
            try:
                self.affordable.append(
                    recommend_within(self.data, pair, model, self.labels, budget)
                )
            except UsageError as error:
                errors.append(error)
                self.nothing.append((pair, model, str(error)))
        if not self.affordable:
            raise errors[0]

    def print(self, console: Console) -> None:
        """Print a table and what to do next, at most 100 columns wide."""
        console.width = min(console.width, _WIDTH)
        if len(self.found) == 1:
            self._print_one(console, self.found[0])
        elif len(self.affordable) == 1:
            from d2vbench.report.chapters.recommendation import budget_lines

            for line in budget_lines(self.affordable[0]):
                console.print(line, soft_wrap=line.startswith(" "))
        elif self.found or self.affordable:
            self._print_several(console)
        self._print_rest(console)

    def _print_one(self, console: Console, found: Recommendation) -> None:
        from d2vbench.report.chapters.recommendation import (
            recommendation_notes,
            recommendation_title,
        )
        from d2vbench.report.document.phrases import accuracy_text, share_text

        table = make_table(
            recommendation_title(found), "strategy", "accuracy [95 %]", "M words", "best in",
            "within 1 point in",
        )  # fmt: skip
        shown = _first(found)
        for option in shown:
            words = option.words_trained
            table.add_row(
                option.title, accuracy_text(option.accuracy),
                "" if math.isnan(words) else f"{words / 1e6:,.1f}",
                share_text(option.best), share_text(option.near_best),
            )  # fmt: skip
        console.print(table)
        if rest := [option for option in found.options if option not in shown]:
            near = sum(option.near_best >= 0.05 for option in rest)
            console.print(f"and {len(rest)} more, {near} of them perhaps as good: see --json")
        console.print("Best in, within 1 point in: shares of bootstrap resamples.\n")
        for line in recommendation_notes(found):
            console.print(line)
        if command := self._command(found):
            console.print(f"\n{command}", soft_wrap=True)

    def _print_several(self, console: Console) -> None:
        from d2vbench.report.chapters.decided import (
            UNKNOWN,
            cheaper_text,
            gain_text,
            next_text,
            passes_text,
            sure_text,
        )
        from d2vbench.report.document.titles import labels_title, model_title, pair_title

        rows = self._rows()
        models = list(dict.fromkeys(row["model"] for row in rows))
        against = list(dict.fromkeys(row["simplest"] for row in rows if row["simplest"]))
        one = against[0] if len(against) == 1 else "the simplest"
        title = labels_title(self.labels)
        if len(models) == 1:
            title = f"{model_title(models[0])}, {title}"
        if self.affordable:
            title += f", within {self.affordable[0].budget}"
        kind = ["model"] if len(models) > 1 else []
        cost = "cost" if self.affordable else "words, x"
        table = make_table(
            f"What to train: {title}", "pair", *kind, "train", "passes", f"gain over {one}", cost,
            "how sure", left=(*range(2 + len(kind)), 5 + len(kind)),
        )  # fmt: skip
        table.padding, table.collapse_padding = (0, 1, 0, 0), True
        for column in table.columns:
            # A name that is cut could not be pasted.
            column.overflow = "fold"
        for row in rows:
            gain = gain_text(row, named=len(against) > 1)
            pair = pair_title(row["pair"], row["fraction"])
            model = [row["model"]] if kind else []
            table.add_row(
                pair, *model, row["train"], passes_text(row), gain, self._cost(row), sure_text(row)
            )
        console.print(table)
        console.print("Gain: points of accuracy [95 %]. One pair in full: --pair PAIR")
        for row in rows:
            where = f"{row['pair']}, {row['model']}" if kind else row["pair"]
            if row["cheaper"] and (said := cheaper_text(row)) != UNKNOWN:
                console.print(f"Cheaper within noise (points, words), {where}: {said}")
            if row["is_simplest"] and row["next"]:
                console.print(f"Next best, {where}: {next_text(row)}")
        console.print()
        if rows[0]["command"]:
            console.print(rows[0]["command"], soft_wrap=True)

    def _cost(self, row: Mapping[str, Any]) -> str:
        from d2vbench.analysis.claims.within_budget import amount_text

        if self.affordable:
            return amount_text(row["amount"], self.affordable[0].budget.unit)
        from d2vbench.report.document.phrases import times_text

        return "" if math.isnan(row["cost"]) else times_text(row["cost"])

    def _print_rest(self, console: Console) -> None:
        from d2vbench.report.document.titles import labels_title, model_title

        if self.nothing and (self.found or self.affordable):
            console.print()
        for pair, model, why in self.nothing:
            where = f"{pair}, {model_title(model)}, {labels_title(self.labels)}"
            said = why if self.affordable else f"{where}: nothing to recommend.\n{why}"
            console.print(said, soft_wrap=True)
        if self.data.missing:
            console.print(f"\n{self.data.missing} cells of the run have no record yet.")

    def _rows(self) -> list[dict[str, Any]]:
        """Return a row a place, those whose gain is beyond noise first, the largest of them."""
        from d2vbench.report.chapters.decided import budget_rows, decision_rows
        from d2vbench.report.document import cells

        if not self.found and not self.affordable:
            return []
        ways: list[tuple[str, dict[str, Any]]]
        if self.affordable:
            data = budget_rows(self.affordable)
            ways = [(_budget_command(one), _budget_numbers(one)) for one in self.affordable]
        else:
            data = decision_rows(self.found)
            ways = [(self._command(one), _numbers(one)) for one in self.found]
        rows = [
            {**row, "command": command, "numbers": {**numbers, **_beside(row)}}
            for row, (command, numbers) in zip(cells.rows(data), ways, strict=True)
        ]
        return sorted(
            rows, key=lambda row: (row["verdict"] != "better", -(_known(row["gain"]) or 0.0))
        )

    def content(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "run": str(self.folder),
            "labels": self.labels,
            "recommendations": [
                {
                    **{name: row[name] for name in ("pair", "fraction", "model", "train")},
                    "simplest": row["simplest"] or None,
                    "verdict": row["verdict"] or None,
                    **row["numbers"],
                    "command": row["command"] or None,
                }
                for row in self._rows()
            ],
            "nothing": [
                {"pair": pair, "model": model, "why": why} for pair, model, why in self.nothing
            ],
            "missing_cells": self.data.missing,
        }

    def _command(self, found: Recommendation) -> str:
        """Return the line that trains what is recommended; empty of a model that is no Doc2Vec."""
        from d2vbench.analysis.contrasts.pair_corpora import OWN
        from d2vbench.report.document.titles import MODEL_TITLES

        if found.model not in MODEL_TITLES:
            return ""
        pairs = self.data.manifest.get("pairs", {})
        own = any(name.startswith(OWN) for name in pairs.get(found.pair, {}).get("sources", {}))
        where = "--generic FILE --domain FILE" if own else f"--pair {shlex.quote(found.pair)}"
        run = shlex.quote(str(self.folder))
        if found.labels == "all":
            what = f"--from-run {run}"
        else:
            # A run's own recommendation is that for all labels.
            strategy, schedule = found.best.variant.strategy_text, found.best.variant.schedule_text
            settings = self._settings(found)
            what = f'--run {run} --strategy "{strategy}" --schedule "{schedule}"{settings}'
        return f"d2vbench train {where} --model {found.model} {what} --output FILE"

    def _settings(self, found: Recommendation) -> str:
        """Return the settings that the recommended variant was trained with, as options."""
        import pandas as pd

        from d2vbench.analysis.contrasts.variants import by_variant

        place = found.pair, found.fraction, found.model
        cells = next(
            rows for where, variant, rows in by_variant(self.data.cells)
            if (where, variant) == (place, found.best.variant)
        )  # fmt: skip
        values = {name: cells[name].iloc[0] for name in _OPTIONS if name in cells}
        return "".join(
            f" --{_OPTIONS[name]} {shlex.quote(f'{v:g}' if isinstance(v, float) else str(v))}"
            for name, v in values.items()
            if not pd.isna(v)
        )


def _first(found: Recommendation) -> list[Option]:
    """Return the options that a screen has room for: the best, and the simplest in any case."""
    first = found.options[:_MOST_ROWS]
    if found.simplest is not None and found.simplest not in first:
        first[-1] = found.simplest
    return first


def _numbers(one: Recommendation) -> dict[str, Any]:
    """Return the numbers of a recommendation."""
    return {
        "accuracy": _ends(one.best.accuracy), "gain": _ends(one.gain), "seeds": one.seeds,
        "words_trained": _known(one.best.words_trained), "cheapest": one.cheapest.title,
        "options": [
            {
                "train": option.title, "accuracy": _ends(option.accuracy),
                "words_trained": _known(option.words_trained), "best_in": option.best,
                "within_1_point_in": option.near_best,
            }
            for option in one.options
        ],
    }  # fmt: skip


def _budget_command(one: Affordable) -> str:
    """Return the line that trains what a budget pays for; empty of a model that is no Doc2Vec."""
    from d2vbench.report.chapters.recommendation import budget_command
    from d2vbench.report.document.titles import MODEL_TITLES

    return budget_command(one) if one.place[2] in MODEL_TITLES else ""


def _beside(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return passes, the next best, and the cheapest within noise."""
    found: dict[str, Any] = {
        name: _known(row[name]) for name in ("generic_passes", "domain_passes")
    }
    for name in ("next", "cheaper"):
        ends = {
            end: _known(row[f"{name}_difference{tail}"])
            for end, tail in (("estimate", ""), ("low", "_low"), ("high", "_high"))
        }
        found[name] = {"train": row[name], "difference": ends} if row[name] else None
    if found["cheaper"]:
        found["cheaper"]["cost"] = _known(row["cheaper_cost"])
    return found


def _budget_numbers(one: Affordable) -> dict[str, Any]:
    return {
        "accuracy": _ends(one.best.stack.accuracy),
        "gain": _ends(one.gain),
        "seeds": len(one.best.stack.seeds),
        one.budget.unit: one.best.cost,
        "budget": one.budget.amount,
    }


def _ends(interval: Interval | None) -> dict[str, float | None] | None:
    if interval is None:
        return None
    return {name: _known(getattr(interval, name)) for name in ("estimate", "low", "high")}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
