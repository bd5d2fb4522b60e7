"""Print `.env.example` from the settings, so that it cannot tell anything else."""

import textwrap

from bots.settings import Settings

HEAD = """\
# Settings of Tributary. Copy this file to `.env` and change what you need; a variable of the
# environment wins over the file. Every line shows its default. Made by `make env-example`.
"""


def render() -> str:
    """Return the text of `.env.example`: each variable with what it is for and its default."""
    parts = [HEAD]
    for name, field in Settings.model_fields.items():
        about = textwrap.fill(
            field.description or "", 98, initial_indent="# ", subsequent_indent="# "
        )
        variable = f"{Settings.model_config['env_prefix']}{name}".upper()
        default = "" if field.default is None else str(field.default)
        parts.append(f"{about}\n#{variable}={default}\n")
    return "\n".join(parts)


if __name__ == "__main__":
    print(render(), end="")  # noqa: T201
