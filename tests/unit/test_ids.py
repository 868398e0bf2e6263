"""Ids as the dialects spell them."""

from hinode.kit.ids import decode_short_id, encode_short_id, new_id


def test_short_ids_come_back_in_either_case_and_sort_by_time() -> None:
    ids = [new_id() for _ in range(50)]

    spelled = [encode_short_id("task_", one) for one in ids]

    assert spelled == sorted(spelled)
    assert all(len(text) == len("task_") + 26 for text in spelled)
    assert [decode_short_id("task_", text) for text in spelled] == [(one, 0) for one in ids]
    assert (
        decode_short_id("gen_", encode_short_id("gen_", ids[0], 3).replace("gen_", "GEN_")) is None
    )
    assert decode_short_id("gen_", "gen_" + encode_short_id("", ids[0], 3).upper()) == (ids[0], 3)


def test_what_is_no_short_id_is_none() -> None:
    for text in ("", "task_", "gen_" + "0" * 26, "task_" + "u" * 26, "task_" + "0" * 27):
        assert decode_short_id("task_", text) is None
