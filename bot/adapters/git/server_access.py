"""Access to the servers of a clone: its own credentials, or the job's token for GitHub."""

import base64
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.adapters.environment import find_program
from bot.adapters.git.clone import Clone
from bot.adapters.git.git_command import Setting


@dataclass(frozen=True, slots=True)
class ServerAccess:
    """The server that the job belongs to and its token; both may be empty."""

    server_url: str = ""
    token: str = ""

    def make_settings(self, clone: Clone) -> tuple[Setting, ...]:
        """Return the settings with which git fetches on behalf of a clone."""
        return (*clone.network_settings, *self._use_https(clone), *self._use_token(clone))

    def _use_token(self, clone: Clone) -> tuple[Setting, ...]:
        """Return the token for the job's server, unless actions/checkout has left its own."""
        if not self.token or not self.server_url:
            return ()
        url = f"{self.server_url.rstrip('/')}/"
        configured = clone.command.attempt("config", "--get-urlmatch", "http.extraheader", url)
        if configured.text:
            return ()
        secret = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
        return ((f"http.{url}.extraheader", f"AUTHORIZATION: basic {secret}"),)

    def _use_https(self, clone: Clone) -> tuple[Setting, ...]:
        """Return settings that replace SSH, where there is none, by HTTPS on the job's server."""
        host = urlsplit(self.server_url).hostname
        if not host or find_program("ssh", clone.command.environment):
            return ()
        key = f"url.{self.server_url.rstrip('/')}/.insteadof"
        return ((key, f"git@{host}:"), (key, f"ssh://git@{host}/"))
