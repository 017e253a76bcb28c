"""The reader of docstrings, on hand-made sources and on the installed packages."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter

import pytest

from d2vbench.corpora import Pair
from d2vbench.corpora.pairs.duplicates import shingles, similar_pairs
from d2vbench.corpora.readers.docstrings import docstrings_of, fingerprint, prose, read
from d2vbench.errors import UserError

NOISY = """Fit a line to points.

A longer explanation of the
method that is used.

Parameters
----------
x : array_like
    Where the points are.

Notes
-----
The sum is::

    total = sum(x)
    print(total)

and the limit is

.. math::

    \\lim_{n} x_n

.. note:: Mind the gap.

=====  =====
a      b
=====  =====

| 1 | 2 |

See also :func:`~scipy.stats.norm` and scipy.optimize.minimize.

Examples
--------
>>> fit([1, 2])
array([0.5])
still output

Done here.
"""


def test_prose_keeps_sentences_and_drops_code() -> None:
    text = prose(NOISY, "scipy")
    for kept in (
        "Fit a line to points.",
        "method that is used.",
        "x : array_like",
        "Where the points are.",
        "and the limit is",
        "Mind the gap.",
        "Done here.",
    ):
        assert kept in text
    for dropped in (
        "total",
        "lim_",
        ">>>",
        "array([",
        "still output",
        "=====",
        "----",
        "| 1 |",
        "scipy",
        "norm",
        "minimize",
    ):
        assert dropped not in text


def test_docstrings_of_finds_all_kinds_in_order() -> None:
    source = '''"""Module."""
class A:
    """Class."""
    def f(self):
        """Method."""
if True:
    async def g():
        """Conditional."""
add_newdoc("numpy", "h",
    """
    Compiled

        indented
    """)
x = "no docstring"
'''
    found = list(docstrings_of(ast.parse(source), "m"))
    assert found == [
        ("m", "Module."),
        ("m.A", "Class."),
        ("m.A.f", "Method."),
        ("m.g", "Conditional."),
        ("m:9.0", "Compiled\n\n    indented"),
    ]


def test_reading_imports_nothing() -> None:
    code = (
        "import sys\n"
        "from d2vbench.corpora.readers.docstrings import _read_package\n"
        "assert len(_read_package('matplotlib', 30)) > 500\n"
        "assert 'matplotlib' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_missing_package_is_named() -> None:
    with pytest.raises(UserError) as caught:
        fingerprint({"packages": ["no_such_package"]})
    assert str(caught.value) == (
        "the corpus of docstrings needs the package 'no_such_package', which is not installed"
    )


def test_reading_twice_gives_the_same() -> None:
    parameters = {"packages": ["gensim"], "min_words": 30}
    documents = list(read(parameters))
    assert documents == list(read(parameters))
    assert len({d.name for d in documents}) == len(documents) > 300
    assert all(len(d.text.split()) >= 30 for d in documents)


def test_the_pair_is_what_its_card_says(docstrings_pair: Pair) -> None:
    pair = docstrings_pair
    assert all(name.startswith("scipy.") for name in pair.classes)
    assert len(pair.classes) >= 8
    sizes = Counter(pair.train_labels.tolist()) + Counter(pair.test_labels.tolist())
    assert min(sizes.values()) >= 70
    assert max(sizes.values()) == 250
    generic = {pair.generic.corpus.label_names[i] for i in
               pair.generic.corpus.labels[pair.generic.documents]}  # fmt: skip
    assert {name.split(".")[0] for name in generic} == {
        "numpy", "pandas", "matplotlib", "sklearn", "gensim", "stdlib",
    }  # fmt: skip
    assert len(pair.generic) == 4000


def test_no_test_document_is_trained_on_in_another_guise(docstrings_pair: Pair) -> None:
    pair = docstrings_pair
    test = shingles(pair.test.corpus, pair.test.documents)
    for other in (pair.train, pair.generic):
        i, _ = similar_pairs(shingles(other.corpus, other.documents), test, 0.5)
        assert len(i) == 0
