"""Print what is installed as the pins of `requirements.lock`."""

from importlib.metadata import distributions


def pins() -> list[str]:
    """Return one pin per installed distribution, without ours and the installer."""
    found = {
        # A build's local label, such as +cpu, differs between machines.
        distribution.name.lower().replace("_", "-"): distribution.version.partition("+")[0]
        for distribution in distributions()
    }
    return [
        f"{name}=={version}"
        for name, version in sorted(found.items())
        if name not in ("tributary", "pip")
    ]


if __name__ == "__main__":
    print("# Made by `make lock` on Linux with Python 3.11; versions the tests ran with.")  # noqa: T201
    print("\n".join(pins()))  # noqa: T201
