"""The URL of an HTTP or SOCKS5 proxy."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

_PORTS = {"http": 80, "https": 443, "socks5": 1080}
RULE = "it must be http://, https:// or socks5:// with a host, such as http://proxy.example:3128"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy and its credentials, which the text of it does not show; empty ones: none."""

    scheme: str
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> Proxy:
        """Parse a URL; ``socks5h`` counts as ``socks5``. Raises ``ValueError``, without the URL."""
        try:
            url = urlsplit(text)
            port = url.port
        except ValueError:
            raise ValueError(RULE) from None
        scheme = "socks5" if url.scheme == "socks5h" else url.scheme
        if scheme not in _PORTS or not url.hostname or url.path not in ("", "/") or url.query:
            raise ValueError(RULE)
        user, password = (unquote(one or "") for one in (url.username, url.password))
        return cls(scheme, url.hostname, port or _PORTS[scheme], user, password)

    @property
    def url(self) -> str:
        """The URL with the credentials, for a client of a library."""
        pair = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}@"
        scheme, place = str(self).split("://")
        return f"{scheme}://{pair if self.user or self.password else ''}{place}"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def parse_proxy(text: str) -> Proxy | None:
    """Return the proxy of a setting; None for an empty one."""
    return Proxy.parse(text) if text else None


def check_proxy(text: str) -> str:
    """Return a setting unchanged. Raises ``ValueError`` unless it is empty or a proxy's URL."""
    parse_proxy(text)
    return text
