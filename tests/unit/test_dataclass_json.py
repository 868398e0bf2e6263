"""Dataclasses survive the way to a child process and back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinode.engines.base import (
    CharacterImage,
    JobAction,
    MediaKind,
    OutputFormat,
    RenderSpec,
    Shot,
    Style,
    Ticket,
)
from hinode.kit.dataclass_json import decode, encode

paths = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1).map(Path)
specs = st.builds(
    RenderSpec,
    job_id=st.uuids(),
    kind=st.sampled_from(MediaKind),
    prompt=st.text(),
    first_frame=st.none() | paths,
    action=st.sampled_from(JobAction),
    prompt_history=st.lists(st.text()).map(tuple),
    style=st.none() | st.sampled_from(Style),
    shots=st.lists(st.builds(Shot)).map(tuple),
    characters=st.lists(st.builds(CharacterImage, name=st.text(), picture=paths)).map(tuple),
    references=st.lists(paths).map(tuple),
    picture_format=st.sampled_from(OutputFormat),
    parent=st.none() | st.builds(Ticket, st.dictionaries(st.text(), st.text() | st.integers())),
)


@given(specs)
def test_a_render_spec_is_the_same_after_the_way_there_and_back(spec: RenderSpec) -> None:
    line = encode(spec)
    assert line.count(b"\n") == 1
    assert decode(RenderSpec, line) == spec


@dataclass(frozen=True)
class Odd:
    what: object


def test_what_has_no_form_in_json_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no form"):
        encode(Odd({1}))


@pytest.mark.parametrize("line", [b"not json", b"[]", b'{"id": "no"}', b"{}"])
def test_a_line_of_another_type_is_refused(line: bytes) -> None:
    @dataclass(frozen=True)
    class One:
        id: UUID

    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        decode(One, line)
