"""What a run says of a recipe."""

from __future__ import annotations

import dataclasses

from inference_support import LONG, OTHER, TURNED, run_of
from run_support import made_run, right

from d2vbench.analysis import RunData
from d2vbench.families import InferenceSettings
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.models.evidence import expected_accuracy, recommended
from d2vbench.models.recipe import Recipe


def test_vectors_of_training_are_no_evidence() -> None:
    """Of test documents that were trained on, accuracy is another: study `replication` has both."""
    inference = InferenceSettings()
    settings = {
        **Doc2VecSettings().to_json(), "min_alpha": 0.0001, "inference_epochs": inference.epochs,
        "inference_alpha": inference.alpha, "inference_min_alpha": inference.min_alpha,
    }  # fmt: skip
    settings["vocabulary_policy"] = settings.pop("vocabulary")
    shares = {"trained": 0.9, "inferred": 0.6}
    cells = [
        {**settings, "seed": seed, "vectors": vectors, "correct": right(share, seed=seed),
         "setting": "vectors trained" if vectors == "trained" else ""}
        for vectors, share in shares.items()
        for seed in range(3)
    ]  # fmt: skip
    recipe = Recipe("combined", settings=Doc2VecSettings())
    found = expected_accuracy(made_run(cells), "p", recipe)
    assert found is not None
    assert found.seeds == 3
    assert abs(found.accuracy.estimate - 0.6) < 0.05
    assert expected_accuracy(made_run(cells[:3]), "p", recipe) is None


def complete(data: RunData) -> RunData:
    """Give made cells the settings that a recipe names."""
    settings = {**Doc2VecSettings().to_json(), "min_alpha": 0.0001, "vectors": "inferred"}
    settings["vocabulary_policy"] = settings.pop("vocabulary")
    return dataclasses.replace(data, cells=data.cells.assign(**settings))


def test_a_model_infers_as_cross_validation_chose() -> None:
    """The best as pinned, `combined`, keeps the pinned setting; without it another is the best."""
    data = complete(run_of(TURNED))
    recipe, found = recommended(data, "p", "dbow", 0, "native")
    assert (recipe.strategy, recipe.inference) == ("combined", InferenceSettings())
    assert found.inference is not None and found.inference.pinned
    others = data.only(data.cells["strategy"] != "combined")
    recipe, found = recommended(others, "p", "dbow", 0, "native")
    assert (recipe.strategy, recipe.inference) == ("oversampled(4)", InferenceSettings(*OTHER))
    assert found.inference is not None and not found.inference.pinned
    expected = expected_accuracy(others, "p", recipe)
    assert expected is not None
    # 83 %, with the chosen setting; 78 % as pinned.
    assert abs(expected.accuracy.estimate - 0.83) < 1e-9
    assert expected.seeds == 3
    pinned = expected_accuracy(others, "p", Recipe("oversampled(4)", settings=recipe.settings))
    assert pinned is not None
    assert abs(pinned.accuracy.estimate - 0.78) < 1e-9
    unlike = dataclasses.replace(recipe, inference=InferenceSettings(*LONG))
    assert expected_accuracy(others, "p", unlike) is None
