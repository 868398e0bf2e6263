"""Ids as the dialects spell them."""

from hinode.kit.ids import new_id, spell_short, unspell_short


def test_short_ids_come_back_in_either_case_and_sort_by_time() -> None:
    ids = [new_id() for _ in range(50)]

    spelled = [spell_short("task_", one) for one in ids]

    assert spelled == sorted(spelled)
    assert all(len(text) == len("task_") + 26 for text in spelled)
    assert [unspell_short("task_", text) for text in spelled] == [(one, 0) for one in ids]
    assert unspell_short("gen_", spell_short("gen_", ids[0], 3).replace("gen_", "GEN_")) is None
    assert unspell_short("gen_", "gen_" + spell_short("", ids[0], 3).upper()) == (ids[0], 3)


def test_what_is_no_short_id_is_none() -> None:
    for text in ("", "task_", "gen_" + "0" * 26, "task_" + "u" * 26, "task_" + "0" * 27):
        assert unspell_short("task_", text) is None
