"""The client of the Sora dialect against a Hinode, over real HTTP: every method is used."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from PIL import Image

from hinode.core.accounts.types import Plan
from hinode.core.jobs.account_admin import AccountCreate
from hinode.engines.remote.http import FilePart
from hinode.engines.sora import errors, tokens
from hinode.engines.sora.client import SoraClient
from hinode.engines.sora.job_models import CreateResult, UpstreamDraft, UpstreamTask
from hinode.engines.sora.params import (
    CharacterParams,
    ImageParams,
    Inpaint,
    InpaintKind,
    StoryboardParams,
    VideoParams,
)
from hinode.engines.sora.transport import HttpTransport, ServerUrls
from hinode.kit.ids import new_id
from hinode.media.probe import probe
from hinode.testing.server import LiveServer
from tests.support import patient
from tests.support.films import write_film

CONCURRENCY = 10
"""What the plan pro allows."""
PARAMS = VideoParams("a fox in the snow", 300)
T = TypeVar("T")


@dataclass
class Member:
    """A new account and its tokens."""

    server: LiveServer
    access: str
    session: str
    refresh: str

    def walk(self, steps: Callable[[SoraClient, HttpTransport], Awaitable[None]]) -> None:
        """Let a client do something, within a minute."""

        async def main() -> None:
            urls = ServerUrls.from_base(f"{self.server.url}/backend")
            async with asyncio.timeout(60), HttpTransport(urls) as transport:
                await steps(SoraClient(transport, self.access, sentinel="Ab3dEf9hIj2k"), transport)

        asyncio.run(main())


@pytest.fixture
def member(live: LiveServer) -> Member:
    name = f"p{new_id().hex}"
    live.services.core.accounts.create(AccountCreate(name, Plan.PRO, unlimited=True))
    made = live.services.core.sessions.issue(name, timedelta(hours=1))
    assert made.cookie
    assert made.refresh
    return Member(live, made.access.secret, made.cookie, made.refresh)


@pytest.fixture
def picture(tmp_path: Path) -> FilePart:
    path = tmp_path / "a.png"
    Image.new("RGB", (640, 352), (200, 30, 30)).save(path)
    return FilePart(path, "image.png", "image/png")


async def until(ask: Callable[[], Awaitable[T | None]]) -> T:
    while True:
        found = await ask()
        if found is not None:
            return found
        await asyncio.sleep(0.02)


async def draft_of(client: SoraClient, created: CreateResult) -> UpstreamDraft:
    """Wait for a job as a careful client does: absent from pending, then in the drafts."""

    async def look() -> UpstreamDraft | None:
        if any(one.id == created.task_id for one in await client.creation.pending()):
            return None
        page = await client.drafts.page()
        return next((one for one in page.items if one.task_id == created.task_id), None)

    return await until(look)


async def fetched(url: str) -> bytes:
    """Bring a file as a client without a token does."""
    async with patient.AsyncClient(timeout=20.0) as client:
        return (await client.get(url)).raise_for_status().content


def test_an_account_is_read_and_named(member: Member) -> None:
    async def steps(client: SoraClient, _: HttpTransport) -> None:
        account, name = client.account, f"robin.{new_id().hex[-12:]}"
        await account.bootstrap()
        assert (await account.me()).username is None
        (plan,) = await account.subscriptions()
        assert (plan.plan_id, plan.ends_at is not None) == ("chatgpt_pro", True)
        quota = await account.quota()
        assert (quota.videos, quota.exhausted, quota.reached) == (300, False, False)
        assert await account.credit_balance() > 0
        invite = await account.invite_code()
        assert (invite.redeemed, invite.total) == (0, 10)
        assert (await account.accept_invite(invite.code)).already
        assert await account.is_username_free(name)
        assert (await account.set_username(name)).username == name
        assert (await account.me()).username == name
        assert (await account.profile(name.upper())).username == name
        assert not await account.is_username_free("x")

    member.walk(steps)


def test_tokens_bring_access(member: Member) -> None:
    async def steps(_: SoraClient, transport: HttpTransport) -> None:
        found = await tokens.session(transport, member.session)
        assert found.expires
        assert (await SoraClient(transport, found.access_token).account.me()).email == found.email
        first = await tokens.refresh(transport, member.refresh)
        assert first.refresh_token not in (None, member.refresh)
        await SoraClient(transport, first.access_token).account.me()
        with pytest.raises(errors.TokenInvalid):
            await tokens.refresh(transport, member.refresh)
        with pytest.raises(errors.TokenInvalid):
            await tokens.session(transport, "x")
        with pytest.raises(errors.TokenInvalid):
            await SoraClient(transport, "x").account.me()

    member.walk(steps)


def test_a_video_is_made_published_and_fetched(
    member: Member, picture: FilePart, tmp_path: Path
) -> None:
    async def steps(client: SoraClient, _: HttpTransport) -> None:
        media = await client.creation.upload_picture(picture)
        start = (Inpaint(InpaintKind.UPLOAD, media),)
        created = await client.creation.create_video(VideoParams("a fox", 300, inpaint=start))
        assert created.quota
        draft = await draft_of(client, created)
        assert not draft.failed
        assert draft.best_url
        (tmp_path / "v.mp4").write_bytes(await fetched(draft.best_url))

        assert await client.drafts.find(draft.id) == (await client.drafts.page_v2(1)).items[0]
        await client.drafts.mark_read(draft.id)
        assert (await client.drafts.find(draft.id)).reviewed

        post = await client.posts.publish(draft.id, "look")
        assert post.permalink
        assert (await client.posts.find(post.id)).attachments[0].encodings.source
        assert (await client.posts.mine()).items[0].post.id == post.id
        assert [one.post.id for one in (await client.posts.feed()).items].count(post.id) == 1
        author = (await client.posts.feed()).items[0].profile
        assert author
        assert author.user_id
        assert (await client.posts.of_user(author.user_id)).items[0].post.text == "look"

        remix = VideoParams("at night", 300, remix_target_id=post.id)
        changed = await draft_of(client, await client.creation.create_video(remix))
        longer = await draft_of(client, await client.creation.extend(changed.id, "and on", 10))
        assert longer.best_url
        await client.posts.delete(post.id)
        with pytest.raises(errors.ResourceNotFound):
            await client.posts.find(post.id)
        await client.drafts.delete(draft.id)
        with pytest.raises(errors.ResourceNotFound):
            await client.drafts.find(draft.id)

    member.walk(steps)
    assert probe(tmp_path / "v.mp4").frames > 0


def test_storyboards_pictures_and_words(member: Member, picture: FilePart) -> None:
    async def steps(client: SoraClient, _: HttpTransport) -> None:
        shots = "Shot 1:\nduration: 5.0sec\nScene: a fox\n\nShot 2:\nduration: 5.0sec\nScene: snow"
        told = StoryboardParams(VideoParams(shots, 300))
        await draft_of(client, await client.creation.create_storyboard(told))

        media = await client.creation.upload_picture(picture)
        created = await client.creation.create_images(ImageParams("a fox", media_id=media))

        async def finished() -> UpstreamTask | None:
            page = await client.creation.recent_tasks()
            return next((one for one in page.tasks if one.id == created.task_id and one.done), None)

        task = await until(finished)
        assert (task.progress, task.failed) == (1.0, False)
        assert task.generations[0].url
        assert len(await client.creation.enhance_prompt("a fox", seconds=10)) > len("a fox")

    member.walk(steps)


def test_failures_are_told_apart(member: Member) -> None:
    async def steps(client: SoraClient, _: HttpTransport) -> None:
        failed = await draft_of(
            client, await client.creation.create_video(VideoParams("[fail]", 300))
        )
        assert failed.failed
        assert not failed.violation
        assert failed.reason
        with pytest.raises(errors.RequestRejected) as caught:
            await client.creation.create_video(VideoParams("a fox", 301))
        assert caught.value.code == "invalid_request"
        stalled = [VideoParams("[stall]", 300)] * CONCURRENCY
        made = {(await client.creation.create_video(params)).task_id for params in stalled}
        pending = await client.creation.pending()
        assert {one.id for one in pending} == made
        assert {one.id for one in await client.creation.pending_v1()} == made
        with pytest.raises(errors.TooManyTasks):
            await client.creation.create_video(PARAMS)
        for one in pending:
            await client.drafts.delete(one.id)

    member.walk(steps)


def test_a_character_is_made_found_and_deleted(member: Member, tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", 160, 120, seconds=3.5)

    async def steps(client: SoraClient, _: HttpTransport) -> None:
        characters, name = client.characters, f"robin.{new_id().hex[-12:]}"
        cameo = await characters.upload_video(FilePart(film, "video.mp4", "video/mp4"), 0, 3)

        async def ready() -> str | None:
            found = await characters.progress(cameo)
            assert not found.failed, found
            return found.picture_url if found.ready else None

        portrait = tmp_path / "profile.webp"
        portrait.write_bytes(await fetched(await until(ready)))
        pointer = await characters.upload_file(FilePart(portrait, "profile.webp", "image/webp"))
        assert pointer.file_id
        params = CharacterParams(cameo, name, "Robin", pointer.asset_pointer, "Cheerful.")
        character = await characters.finalize(params)
        await characters.set_visibility(cameo, public=True)
        await characters.update(character, display_name="Robin the Second")
        (found,) = await characters.search(name)
        assert found.token == f"<@{character}>"
        assert found.profile.display_name == "Robin the Second"

        owner = (await client.account.set_username(f"mika.{new_id().hex[-12:]}")).user_id
        assert owner
        assert [one.user_id for one in (await characters.of_user(owner)).items] == [character]

        draft = await draft_of(client, await client.creation.create_video(PARAMS))
        assert await characters.from_generation(draft.id, 0, 0.1)
        await characters.delete(character)
        assert await characters.search(name) == ()

    member.walk(steps)
