"""Get access tokens: with a session token (a cookie) or with a refresh token."""

from __future__ import annotations

from hinode.engines.sora.account_models import RefreshResult, UpstreamSession
from hinode.engines.sora.errors import TokenInvalid
from hinode.engines.sora.transport import ApiRequest, HttpTransport

COOKIE = "__Secure-next-auth.session-token"
CLIENT_ID = "app_LlGpXReQgckcGGUo2JrYvtJK"
REDIRECT_URI = "com.openai.chat://auth0.openai.com/ios/com.openai.chat/callback"


async def session(transport: HttpTransport, session_token: str) -> UpstreamSession:
    """Exchange a session token (ST) for an access token; the ST stays valid.

    Raises :class:`TokenInvalid` when the server does not know it: the response is then an empty
    object, or a rejection.
    """
    request = ApiRequest(
        "GET",
        transport.urls.session_url,
        headers={"cookie": f"{COOKIE}={session_token}"},
        secrets=(session_token,),
    )
    response = await transport.send(request)
    if not response:
        raise TokenInvalid("The server does not know this session token.")
    return UpstreamSession.read(response)


async def refresh(
    transport: HttpTransport, refresh_token: str, *, client_id: str = CLIENT_ID
) -> RefreshResult:
    """Exchange a refresh token (RT) for an access token and, from most servers, a new RT.

    A failure that ``may_have_executed`` may have used up the RT. Raises :class:`TokenInvalid` when
    it is rejected.
    """
    body = {
        "client_id": client_id,
        "grant_type": "refresh_token",
        "redirect_uri": REDIRECT_URI,
        "refresh_token": refresh_token,
    }
    request = ApiRequest("POST", transport.urls.token_url, body=body, secrets=(refresh_token,))
    return RefreshResult.read(await transport.send(request))
