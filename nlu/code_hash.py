"""The hash of this package: models trained by other code are not used."""

import hashlib
from functools import lru_cache
from importlib.resources import files
from pathlib import Path


@lru_cache(maxsize=1)
def code_hash() -> str:
    """Return a hash of the package's modules and of the word lists and examples among them."""
    digest = hashlib.sha256()
    folder = Path(str(files("nlu")))
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".py", ".tsv", ".txt", ".yml"}:
            digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()
