"""Write the table of settings into `docs/operations.md`: `python -m scripts.settings_table`."""

from pathlib import Path
from typing import Final

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from bots.settings import Settings

DOCUMENT: Final = Path(__file__).resolve().parent.parent / "docs" / "operations.md"
BEGIN: Final = "<!-- settings: made by `python -m scripts.settings_table` -->\n"
END: Final = "<!-- end of settings -->\n"


def _default(field: FieldInfo) -> str:
    return "" if field.default in (None, "") else f"`{field.default}`"


def _about(field: FieldInfo) -> str:
    is_secret = SecretStr in getattr(field.annotation, "__args__", (field.annotation,))
    return f"{field.description}{' (secret)' if is_secret else ''}"


def table() -> str:
    """Return the settings as a Markdown table."""
    prefix = Settings.model_config["env_prefix"]
    rows = [
        f"| `{prefix}{name.upper()}` | {_default(field)} | {_about(field)} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| variable | default | what |", "|---|---|---|", *rows]) + "\n"


def with_table(text: str) -> str:
    """Return a document's text with the table between the two marks renewed."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
