"""The check of `hinode doctor` for proxies: those of the settings, and of the environment."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping

from hinode.cli.check_result import CheckResult, CheckStatus
from hinode.config.settings import Settings
from hinode.kit.proxy import Proxy, parse_proxy

_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_SECONDS = 3.0
_REMEDY = (
    "Set `proxy` in hinode.toml for URLs from clients and callbacks, and in [engines.NAME] for an "
    "engine; docs/howto/proxies.md tells more."
)


def check_proxies(settings: Settings) -> CheckResult:
    """Check that each proxy of the settings can be reached; tell of the environment's otherwise."""
    proxies = configured_proxies(settings)
    down = [f"{use} by {one}" for use, one in proxies.items() if not _answers(one)]
    if down:
        remedy = "Start the proxy, or correct the setting `proxy`."
        detail = f"cannot be reached: {', '.join(down)}"
        return CheckResult("proxies", CheckStatus.ERROR, detail, remedy)
    unused = [name for name in _VARIABLES if os.environ.get(name) or os.environ.get(name.lower())]
    if unused and not proxies:
        detail = f"none in the settings; {', '.join(unused)} of the environment has no effect"
        return CheckResult("proxies", CheckStatus.WARNING, detail, _REMEDY)
    found = ", ".join(f"{use} by {one}" for use, one in proxies.items())
    return CheckResult("proxies", CheckStatus.OK, found or "none")


def configured_proxies(settings: Settings) -> Mapping[str, Proxy]:
    """Return the proxies of the settings by what goes through them."""
    texts = {"URLs from clients and callbacks": settings.proxy}
    if settings.text_model.url:
        texts["the text model"] = settings.text_model.proxy
    for name, engine in settings.engines.items():
        # Kinds of other packages may have none.
        texts[f"engine {name}"] = getattr(engine, "proxy", "")
    return {use: one for use, text in texts.items() if (one := parse_proxy(text)) is not None}


def _answers(proxy: Proxy) -> bool:
    try:
        with socket.create_connection((proxy.host, proxy.port), _SECONDS):
            return True
    except OSError:
        return False
