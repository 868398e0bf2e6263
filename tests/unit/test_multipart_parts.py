"""Parts of forms as programs send them: names of files, types, charsets."""

from __future__ import annotations

import pytest

from hinode.api.charsets import charset_of
from hinode.api.file_names import tidy_file_name
from hinode.api.multipart import MultipartForm
from hinode.api.request_errors import RequestError
from hinode.api.values import Upload

Pairs = list[tuple[str, str | Upload]]


def parts(*heads_and_bodies: tuple[str | bytes, bytes], charset: str = "") -> Pairs:
    form = MultipartForm(f"multipart/form-data; boundary=b{charset}")
    for head, body in heads_and_bodies:
        lines = head if isinstance(head, bytes) else head.encode()
        form.feed(b"--b\r\nContent-Disposition: form-data; " + lines + b"\r\n\r\n" + body + b"\r\n")
    form.feed(b"--b--\r\n")
    return form.finish()


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        (b'filename="fox.png"', "fox.png"),
        (b"filename=fox.png", "fox.png"),
        (b'filename=""', ""),
        (b"filename*=utf-8''%E7%8B%90.png", "狐.png"),
        (b"filename*=UTF-8'zh'%E7%8B%90.png", "狐.png"),
        (b"filename*=\"utf-8''%E7%8B%90.png\"", "狐.png"),
        (b"FileName*=iso-8859-1'en'caf%E9.png", "café.png"),
        (b"filename*=gbk''%BA%FC.png", "狐.png"),
        (b"filename*=utf-8''%E7%8B%90.png; filename=\"fox.png\"", "fox.png"),
        ('filename="狐.png"'.encode(), "狐.png"),
        ('filename="狐.png"'.encode("gbk"), "狐.png"),
        (b'filename="\xff\xff\xff.png"', "\ufffd\ufffd\ufffd.png"),
        (b'filename="C:\\fakepath\\fox.png"', "fox.png"),
    ],
)
def test_a_file_is_taken_whatever_its_name(spelled: bytes, name: str) -> None:
    ((key, upload),) = parts((b'name="image"; ' + spelled, b"\x89PNG"))

    assert key == "image"
    assert isinstance(upload, Upload)
    assert (upload.name, upload.content.read()) == (name, b"\x89PNG")


@pytest.mark.parametrize(
    ("kind", "is_file"),
    [
        ("image/png", True),
        ("application/octet-stream", True),
        ("video/mp4; codecs=avc1", True),
        ("text/plain", False),
        ("text/plain; charset=utf-8", False),
        ("application/json", False),
    ],
)
def test_a_type_without_a_name_makes_a_file(kind: str, is_file: bool) -> None:
    ((_, value),) = parts((f'name="image"\r\nContent-Type: {kind}', b"bytes"))

    assert isinstance(value, Upload) is is_file


@pytest.mark.parametrize(
    ("said", "codec"),
    [
        ("gbk", "gbk"),
        ("GB2312", "gbk"),
        ("big5", "big5"),
        ("utf-16", "utf-16"),
        ("shift_jis", "shift_jis"),
    ],
)
def test_the_charset_of_a_part_is_honoured(said: str, codec: str) -> None:
    head = f'name="prompt"\r\nContent-Type: text/plain; charset={said}'
    assert parts((head, "一二三".encode(codec))) == [("prompt", "一二三")]


def test_the_charset_of_the_form_is_honoured() -> None:
    gbk, utf_8 = "狐狸".encode("gbk"), "狐狸".encode()
    field = ('name="prompt"', gbk)
    own = ('name="style"\r\nContent-Type: text/plain; charset=utf-8', utf_8)

    expected = [("prompt", "狐狸"), ("style", "狐狸")]
    assert parts(field, own, charset="; charset=gbk") == expected
    assert parts(('name="_charset_"', b"gbk"), field, own) == expected


def test_text_that_is_not_in_its_charset_is_told_by_field_and_charset() -> None:
    for head, word in (("", "UTF-8"), ("\r\nContent-Type: text/plain; charset=gbk", "gb18030")):
        with pytest.raises(RequestError, match=f"'prompt' is not .*{word}"):
            parts((f'name="prompt"{head}', b"\xff\xff"))


@pytest.mark.parametrize("label", ["klingon", "zlib", "rot13", "idna", "unicode_escape", "\0", "é"])
def test_other_charsets_are_refused_by_name(label: str) -> None:
    with pytest.raises(RequestError, match="send the text as UTF-8"):
        charset_of(label)


@pytest.mark.parametrize("label", ["", "utf-8", "UTF8", "us-ascii", '"utf-8"', "utf-8-sig"])
def test_what_is_utf_8_is_read_as_utf_8(label: str) -> None:
    assert charset_of(label) == "utf-8"


@pytest.mark.parametrize(
    ("name", "tidy"),
    [
        ("../../etc/passwd", "passwd"),
        ("a\r\nSet-Cookie: b", "aSet-Cookie: b"),
        ("\0", "upload"),
        ("", "upload"),
        ("\ud800.png", ".png"),
        ("狐" * 300 + ".png", "狐" * 251 + ".png"),
    ],
)
def test_names_are_made_safe_to_show(name: str, tidy: str) -> None:
    assert tidy_file_name(name, "upload") == tidy
