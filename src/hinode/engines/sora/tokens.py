"""Getting access tokens: with a session token (a cookie) or with a refresh token."""

from __future__ import annotations

from hinode.engines.sora.account_shapes import Session, Tokens
from hinode.engines.sora.failures import AuthInvalid
from hinode.engines.sora.link import Ask, Link

COOKIE = "__Secure-next-auth.session-token"
CLIENT_ID = "app_LlGpXReQgckcGGUo2JrYvtJK"
REDIRECT_URI = "com.openai.chat://auth0.openai.com/ios/com.openai.chat/callback"


async def session(link: Link, session_token: str) -> Session:
    """Trade a session token (ST) for an access token; the ST stays good.

    Raises :class:`AuthInvalid` when the server does not know it: it then answers an empty object,
    or a refusal.
    """
    ask = Ask(
        "GET",
        link.place.session_url,
        headers={"cookie": f"{COOKIE}={session_token}"},
        secrets=(session_token,),
    )
    answer = await link.ask(ask)
    if not answer:
        raise AuthInvalid("The server does not know this session token.")
    return Session.read(answer)


async def refresh(link: Link, refresh_token: str, *, client_id: str = CLIENT_ID) -> Tokens:
    """Trade a refresh token (RT) for an access token and, from most servers, a new RT.

    A failure that ``may_have_run`` may have used the RT up. Raises :class:`AuthInvalid` when it is
    refused.
    """
    body = {
        "client_id": client_id,
        "grant_type": "refresh_token",
        "redirect_uri": REDIRECT_URI,
        "refresh_token": refresh_token,
    }
    ask = Ask("POST", link.place.token_url, body=body, secrets=(refresh_token,))
    return Tokens.read(await link.ask(ask))
