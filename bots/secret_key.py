"""The key that signs visitor tokens: given by the environment, else made once and kept on disk."""

import os
import secrets
from pathlib import Path
from typing import Final

from bots.settings import Settings

#: Shortest key that is accepted, characters.
KEY_MIN: Final = 32


class SecretKeyError(Exception):
    """The signing key cannot be used."""


def secret_key(settings: Settings, *, folder: Path = Path("var")) -> str:
    """Return the signing key.

    Raises:
        SecretKeyError: the one given is too short.
    """
    if settings.secret_key is not None:
        key = settings.secret_key.get_secret_value()
        if len(key) < KEY_MIN:
            message = f"TRIBUTARY_SECRET_KEY needs {KEY_MIN} characters or more, not {len(key)}"
            raise SecretKeyError(message)
        return key
    path = folder / "secret_key"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        key = secrets.token_urlsafe(48)
        file.write(key)
    return key
