"""What a run says of a recipe."""

from __future__ import annotations

from run_support import made_run, right

from d2vbench.families import InferenceSettings
from d2vbench.families.doc2vec import Doc2VecSettings
from d2vbench.models.evidence import expected_accuracy
from d2vbench.models.recipe import Recipe


def test_vectors_of_training_are_no_evidence() -> None:
    """Of test documents that were trained on, accuracy is another: study `replication` has both."""
    inference = InferenceSettings()
    settings = {
        **Doc2VecSettings().to_json(), "min_alpha": 0.0001, "inference_epochs": inference.epochs,
        "inference_alpha": inference.alpha, "inference_min_alpha": inference.min_alpha,
    }  # fmt: skip
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
