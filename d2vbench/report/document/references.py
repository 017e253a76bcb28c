"""What to cite: the software, and the methods that a run used, as BibTeX."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from d2vbench import __version__
from d2vbench.analysis import RunData
from d2vbench.analysis.contrasts.frame import BASELINE
from d2vbench.report.document.structure import Document

# As in CITATION.cff, which an installed package does not have; a test compares them.
TITLE = "d2vbench: training strategies for Doc2Vec on a generic and a domain corpus"
AUTHOR = "The d2vbench developers"
RELEASED = "2026-11-23"


@dataclass(frozen=True)
class Reference:
    r"""A work to cite.

    Attributes
    ----------
    key : str
        For a ``\cite``.
    bibtex : str
        The entry, in ASCII: accents are commands.
    used : callable
        Whether a run with its document rests on it.
    """

    key: str
    bibtex: str
    used: Callable[[RunData, Document], bool]


def software_bibtex() -> str:
    """Return the entry of d2vbench itself, in the version that is installed."""
    return (
        "@misc{d2vbench,\n"
        f"  author = {{{{{AUTHOR}}}}},\n"
        f"  title = {{{{{TITLE}}}}},\n"
        f"  year = {{{RELEASED[:4]}}},\n"
        f"  note = {{Version {__version__}}}\n"
        "}"
    )


def used_references(data: RunData, document: Document) -> list[Reference]:
    """Return the methods that a run and its report rest on, in the order of `REFERENCES`."""
    return [reference for reference in REFERENCES if reference.used(data, document)]


def _always(data: RunData, document: Document) -> bool:
    return True


def _model(name: str) -> Callable[[RunData, Document], bool]:
    return lambda data, document: bool((data.cells["model"] == name).any())


def _baseline(name: str) -> Callable[[RunData, Document], bool]:
    return lambda data, document: bool(
        ((data.cells["model"] == BASELINE) & (data.cells["strategy"] == name)).any()
    )


def _chapter(slug: str) -> Callable[[RunData, Document], bool]:
    return lambda data, document: any(chapter.slug == slug for chapter in document.chapters)


def _aligned(data: RunData, document: Document) -> bool:
    return any(str(name).endswith("_aligned") for name in data.cells.columns)


def _signed_rank(data: RunData, document: Document) -> bool:
    # Over pairs, with a region of practical equivalence; claims show it too.
    doc2vec = data.cells[data.cells["model"] != BASELINE]
    return _chapter("across-pairs")(data, document) or doc2vec["pair"].nunique() > 1


def _several_seeds(data: RunData, document: Document) -> bool:
    return bool(data.cells["seed"].nunique() > 1)


REFERENCES = (
    Reference(
        "le2014distributed",
        """@inproceedings{le2014distributed,
  author = {Le, Quoc and Mikolov, Tomas},
  title = {Distributed Representations of Sentences and Documents},
  booktitle = {Proceedings of the 31st International Conference on Machine Learning},
  series = {Proceedings of Machine Learning Research},
  volume = {32},
  pages = {1188--1196},
  year = {2014}
}""",
        _always,
    ),
    Reference(
        "rehurek2010software",
        r"""@inproceedings{rehurek2010software,
  author = {{\v{R}}eh{\r{u}}{\v{r}}ek, Radim and Sojka, Petr},
  title = {Software Framework for Topic Modelling with Large Corpora},
  booktitle = {Proceedings of the {LREC} 2010 Workshop on New Challenges for {NLP} Frameworks},
  address = {Valletta, Malta},
  pages = {45--50},
  year = {2010}
}""",
        _always,
    ),
    Reference(
        "pedregosa2011scikit",
        """@article{pedregosa2011scikit,
  author = {Pedregosa, Fabian and others},
  title = {Scikit-learn: Machine Learning in {Python}},
  journal = {Journal of Machine Learning Research},
  volume = {12},
  pages = {2825--2830},
  year = {2011}
}""",
        _always,
    ),
    Reference(
        "owen2007pigeonhole",
        """@article{owen2007pigeonhole,
  author = {Owen, Art B.},
  title = {The Pigeonhole Bootstrap},
  journal = {The Annals of Applied Statistics},
  volume = {1},
  number = {2},
  pages = {386--411},
  year = {2007},
  doi = {10.1214/07-AOAS122}
}""",
        _several_seeds,
    ),
    Reference(
        "holm1979simple",
        """@article{holm1979simple,
  author = {Holm, Sture},
  title = {A Simple Sequentially Rejective Multiple Test Procedure},
  journal = {Scandinavian Journal of Statistics},
  volume = {6},
  number = {2},
  pages = {65--70},
  year = {1979}
}""",
        _several_seeds,
    ),
    Reference(
        "demsar2006statistical",
        r"""@article{demsar2006statistical,
  author = {Dem{\v{s}}ar, Janez},
  title = {Statistical Comparisons of Classifiers over Multiple Data Sets},
  journal = {Journal of Machine Learning Research},
  volume = {7},
  pages = {1--30},
  year = {2006}
}""",
        _chapter("across-pairs"),
    ),
    Reference(
        "benavoli2017time",
        r"""@article{benavoli2017time,
  author = {Benavoli, Alessio and Corani, Giorgio and Dem{\v{s}}ar, Janez and Zaffalon, Marco},
  title = {Time for a Change: a Tutorial for Comparing Multiple Classifiers Through {Bayesian}
           Analysis},
  journal = {Journal of Machine Learning Research},
  volume = {18},
  number = {77},
  pages = {1--36},
  year = {2017}
}""",
        _signed_rank,
    ),
    Reference(
        "schonemann1966generalized",
        r"""@article{schonemann1966generalized,
  author = {Sch{\"{o}}nemann, Peter H.},
  title = {A Generalized Solution of the Orthogonal {Procrustes} Problem},
  journal = {Psychometrika},
  volume = {31},
  number = {1},
  pages = {1--10},
  year = {1966}
}""",
        _aligned,
    ),
    Reference(
        "lau2016empirical",
        """@inproceedings{lau2016empirical,
  author = {Lau, Jey Han and Baldwin, Timothy},
  title = {An Empirical Evaluation of doc2vec with Practical Insights into Document Embedding
           Generation},
  booktitle = {Proceedings of the 1st Workshop on Representation Learning for {NLP}},
  address = {Berlin, Germany},
  publisher = {Association for Computational Linguistics},
  pages = {78--86},
  year = {2016},
  doi = {10.18653/v1/W16-1609}
}""",
        _model("dbow-words"),
    ),
    Reference(
        "deerwester1990indexing",
        """@article{deerwester1990indexing,
  author = {Deerwester, Scott and Dumais, Susan T. and Furnas, George W. and Landauer, Thomas K.
            and Harshman, Richard},
  title = {Indexing by Latent Semantic Analysis},
  journal = {Journal of the American Society for Information Science},
  volume = {41},
  number = {6},
  pages = {391--407},
  year = {1990}
}""",
        _baseline("lsa"),
    ),
    Reference(
        "mikolov2013distributed",
        """@inproceedings{mikolov2013distributed,
  author = {Mikolov, Tomas and Sutskever, Ilya and Chen, Kai and Corrado, Greg S. and Dean, Jeff},
  title = {Distributed Representations of Words and Phrases and their Compositionality},
  booktitle = {Advances in Neural Information Processing Systems 26},
  pages = {3111--3119},
  year = {2013}
}""",
        _baseline("mean-word2vec"),
    ),
)
