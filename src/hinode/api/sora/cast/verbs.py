"""What each route of characters asks of the studio: prove the caller, then one verb.

Plain synchronous code, so that a request needs one hop into a thread and no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from hinode.api.sora.cast.asked import read_list_query
from hinode.api.sora.cast.ids import known_cameo, known_character, known_either
from hinode.api.sora.naming import OF_VIDEOS, named
from hinode.kit.ids import unspell
from hinode.studio.access.types import Caller
from hinode.studio.accounts.types import Profile
from hinode.studio.cameo_desk import CameoDesk
from hinode.studio.cast import Casting
from hinode.studio.characters.types import (
    Cameo,
    Character,
    CharacterChange,
    CharacterPage,
    NewCharacter,
    Range,
)
from hinode.studio.drafts.types import Place
from hinode.studio.errors import ErrorCode, StudioError
from hinode.studio.membership import Membership

ME = "me"


@dataclass(frozen=True, slots=True)
class Shown:
    """Characters of one account as a caller may see them; ``own`` when it is the caller's."""

    page: CharacterPage
    owner: Profile | None
    own: bool


@dataclass(frozen=True, slots=True)
class CastVerbs:
    """The studio as this part uses it. All methods raise :class:`StudioError`."""

    casting: Casting
    cameos: CameoDesk
    members: Membership

    def caller(self, secret: str | None) -> Caller:
        """Prove who is calling."""
        return self.members.caller(secret)

    def upload(self, caller: Caller, clip: bytes, chosen: Range) -> Cameo:
        """Take in a clip."""
        return self.cameos.upload(caller, clip, chosen)

    def from_generation(self, caller: Caller, place: Place, chosen: Range) -> Cameo:
        """Take in a video that was made here."""
        with named("generation_id", OF_VIDEOS):
            return self.cameos.from_generation(caller, place.job_id, place.output, chosen)

    def progress(self, secret: str | None, name: str) -> Cameo:
        """Say how far a cameo is."""
        caller = self.caller(secret)
        return self.cameos.get(caller, known_cameo(name))

    def finalize(self, caller: Caller, new: NewCharacter) -> Shown:
        """Make a cameo a character."""
        return self._own(caller, self.cameos.finalize(caller, new))

    def change(self, caller: Caller, name: str, change: CharacterChange) -> Shown:
        """Change a character, by its id or its cameo's."""
        return self._own(caller, self.casting.change(caller, known_either(name), change))

    def retrieve(self, secret: str | None, name: str) -> Shown:
        """Find a character that the caller may use."""
        caller = self.caller(secret)
        found = self.casting.visible(caller, known_character(name))
        return self._shown(caller, found.account_id, CharacterPage([found], has_more=False))

    def remove(self, secret: str | None, name: str) -> None:
        """Delete a character, by its id or its cameo's."""
        self.casting.delete(self.caller(secret), known_either(name))

    def page(self, secret: str | None, who: str, query: Mapping[str, str]) -> Shown:
        """List an account's characters, as far as the caller may see them."""
        caller, wanted = self.caller(secret), read_list_query(query)
        owner_id = caller.account_id if who == ME else self._account(who)
        page = self.casting.page(caller, owner_id, limit=wanted.limit, before=wanted.before)
        return self._shown(caller, owner_id, page)

    def _account(self, who: str) -> UUID:
        account_id = unspell("user-", who)
        if account_id is None:
            raise StudioError(
                ErrorCode.PROFILE_NOT_FOUND, "There is no such profile.", param="user_id"
            )
        return self.members.profile(account_id).account_id

    def _own(self, caller: Caller, one: Character) -> Shown:
        return self._shown(caller, caller.account_id, CharacterPage([one], has_more=False))

    def _shown(self, caller: Caller, owner_id: UUID, page: CharacterPage) -> Shown:
        owner = self.members.profiles([owner_id]).get(owner_id)
        return Shown(page, owner, owner_id == caller.account_id)
