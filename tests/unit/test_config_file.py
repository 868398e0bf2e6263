"""A file of settings that cannot be read is named, with the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from hinode import load_settings
from hinode.cli.error_messages import error_message
from hinode.config.config_file import InvalidConfigFile


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"port = \n", "Invalid value (at line 1, column 8)"),
        (b"port = 1\nport = 2\n", "Cannot overwrite a value (at line 2, column 9)"),
        (b"\xff\xfep\x00", "it is not in UTF-8"),
    ],
)
def test_a_file_that_is_no_toml_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, reason: str
) -> None:
    file = tmp_path / "other.toml"
    file.write_bytes(content)
    monkeypatch.setenv("HINODE_CONFIG", str(file))

    with pytest.raises(InvalidConfigFile) as caught:
        load_settings(data=tmp_path)

    message = error_message(caught.value) or ""
    assert message.startswith(f"{file} is no TOML: {reason}")
    assert message.endswith("remove it." if "UTF" in reason else "remove the file.")
