"""Simplified Chinese is shown in Traditional characters, and what leads somewhere stays."""

import pytest

from nlu.scripts import prefers_traditional
from nlu.text import fold, normalise
from nlu.traditional import Region, traditional


@pytest.mark.parametrize(
    ("text", "region", "shown"),
    [
        ("绿茶用 80 °C 的水", "hk", "綠茶用 80 °C 的水"),
        ("软件和鼠标", "tw", "軟體和滑鼠"),
        ("Only English.", "tw", "Only English."),
        ("见[这里](https://例子.cn/体)", "hk", "見[這裏](https://例子.cn/体)"),
        ("看 https://a.cn/体检 吧，发到 a@b.cn", "tw", "看 https://a.cn/体检 吧，發到 a@b.cn"),
    ],
)
def test_simplified_is_shown_in_traditional(text: str, region: Region, shown: str) -> None:
    """Words are those of the region; addresses are kept as they are."""
    assert traditional(text, region) == shown


def test_what_is_shown_folds_back() -> None:
    """A label that was shown in Traditional characters is recognised when it is typed."""
    assert fold(traditional("没帮助", "hk")) == "没帮助"


@pytest.mark.parametrize(
    ("text", "prefers"),
    [("這個多少錢", True), ("这个多少钱", False), ("你好", None), ("hello", None)],
)
def test_the_script_tells_what_a_customer_reads(text: str, prefers: bool | None) -> None:
    """Characters of one script only decide; what is the same in both tells nothing."""
    assert prefers_traditional(normalise(text)) is prefers
