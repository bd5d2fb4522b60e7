"""Options of an account: read one by one, with errors that name the account and the option."""

import re

import httpx

from channels.contract import ChannelError, ChannelSettings
from channels.fetcher import guarded_client, parse_networks


class Options:
    """The options `bot.yml` gives one account; each is taken once.

    Args:
        settings: of the account.
    """

    def __init__(self, settings: ChannelSettings) -> None:
        self._who = f"{settings.channel} account {settings.account}"
        self._left = dict(settings.options)

    def take(self, name: str, default: str = "") -> str:
        """Return an option as it is written."""
        return self._left.pop(name, default)

    def take_form(self, name: str, form: re.Pattern[str], mend: str) -> str:
        """Return an option that must have a form.

        Raises:
            ChannelError: it has not; `mend` says what it has to be, or where to find it.
        """
        value = self.take(name)
        if not form.fullmatch(value):
            raise self.wrong(name, mend)
        return value

    def take_one_of(self, name: str, values: tuple[str, ...]) -> str:
        """Return an option with one of these values, the first if it is not given.

        Raises:
            ChannelError: it has another.
        """
        value = self.take(name, values[0])
        if value not in values:
            raise self.wrong(name, f"is {' or '.join(values)}, not {value!r}")
        return value

    def take_address(self, name: str, default: str = "") -> str:
        """Return an option that is an http(s) address, without a slash at the end.

        Raises:
            ChannelError: it is none.
        """
        value = self.take(name, default).rstrip("/")
        if not value.startswith(("https://", "http://")):
            raise self.wrong(name, "must be an http(s) address")
        return value

    def open_client(self) -> httpx.AsyncClient:
        """Return the guarded way out, to the private networks of `allow_networks` as well.

        Raises:
            ChannelError: they are no networks.
        """
        try:
            return guarded_client(allow=parse_networks(self.take("allow_networks")))
        except ValueError as error:
            raise self.wrong("allow_networks", str(error)) from error

    def end(self) -> None:
        """See that nothing is left.

        Raises:
            ChannelError: there are options that nobody took.
        """
        if self._left:
            message = f"{self._who}: unknown options {sorted(self._left)}"
            raise ChannelError(message)

    def wrong(self, name: str, mend: str) -> ChannelError:
        """Return the error that an option is wrong; its value may be a secret and is not told."""
        return ChannelError(f"{self._who}: {name} {mend}")
