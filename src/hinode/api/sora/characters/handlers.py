"""What each route of characters asks of the studio: prove the caller, then one verb.

Plain synchronous code, so that a request needs one hop into a thread and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from hinode.api.sora.characters.ids import (
    require_cameo_id,
    require_character_id,
    require_character_or_cameo_id,
)
from hinode.api.sora.characters.requests import read_list_query
from hinode.api.sora.error_params import VIDEO_ERRORS, error_param
from hinode.core.auth.types import Caller
from hinode.core.characters.cameo_service import CameoService
from hinode.core.characters.service import CharacterService
from hinode.core.characters.types import (
    Cameo,
    CharacterChange,
    NewCharacter,
    Range,
    VisibleCharacters,
)
from hinode.core.drafts.types import Place
from hinode.core.errors import ErrorCode, HinodeError
from hinode.core.membership import Membership
from hinode.kit.ids import unspell

ME = "me"


@dataclass(frozen=True, slots=True)
class SoraCharacterHandlers:
    """The studio as this part uses it. All methods raise :class:`HinodeError`."""

    characters: CharacterService
    cameos: CameoService
    accounts: Membership

    def caller(self, secret: str | None) -> Caller:
        """Prove who is calling."""
        return self.accounts.caller(secret)

    def upload(self, caller: Caller, clip: bytes, chosen: Range) -> Cameo:
        """Take in a clip."""
        return self.cameos.upload(caller, clip, chosen)

    def from_generation(self, caller: Caller, place: Place, chosen: Range) -> Cameo:
        """Take in a video that was made here."""
        with error_param("generation_id", VIDEO_ERRORS):
            return self.cameos.from_generation(caller, place.job_id, place.output, chosen)

    def progress(self, secret: str | None, name: str) -> Cameo:
        """Say how far a cameo is."""
        caller = self.caller(secret)
        return self.cameos.get(caller, require_cameo_id(name))

    def finalize(self, caller: Caller, new: NewCharacter) -> VisibleCharacters:
        """Make a cameo a character."""
        return self.cameos.finalize(caller, new)

    def change(self, caller: Caller, name: str, change: CharacterChange) -> VisibleCharacters:
        """Change a character, by its id or its cameo's."""
        return self.characters.update(caller, require_character_or_cameo_id(name), change)

    def retrieve(self, secret: str | None, name: str) -> VisibleCharacters:
        """Find a character that the caller may use."""
        caller = self.caller(secret)
        return self.characters.get_visible(caller, require_character_id(name))

    def remove(self, secret: str | None, name: str) -> None:
        """Delete a character, by its id or its cameo's."""
        self.characters.delete(self.caller(secret), require_character_or_cameo_id(name))

    def page(self, secret: str | None, user: str, query: Mapping[str, str]) -> VisibleCharacters:
        """List an account's characters, as far as the caller may see them."""
        caller, wanted = self.caller(secret), read_list_query(query)
        owner_id = caller.account_id if user == ME else self._account_id(user)
        return self.characters.list_visible(
            caller, owner_id, limit=wanted.limit, before=wanted.before
        )

    def _account_id(self, user: str) -> UUID:
        account_id = unspell("user-", user)
        if account_id is None:
            raise HinodeError(
                ErrorCode.PROFILE_NOT_FOUND, "There is no such profile.", param="user_id"
            )
        return self.accounts.profile(account_id).account_id
