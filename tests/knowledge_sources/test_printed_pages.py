"""A PDF that a browser printed reads as the page it was."""

import pytest
from playwright.sync_api import Browser

from knowledge_base.kinds import kinds
from tests.knowledge_sources.documents import a_document

pytestmark = pytest.mark.browser

PAGE = """<html lang=zh><title>使用说明</title><body style="font-family: sans-serif">
<h1>壶专业版使用说明</h1><p>请在使用前仔细阅读本说明书，并妥善保管，以备日后查阅；\
机器适合办公室使用，水箱容量四升，每天可以冲泡一百杯茶，见页尾的保修条款和各地门店的联系方式。</p><h2>配件</h2>
<table border=1><tr><th>配件</th><th>价格</th></tr><tr><td>水泵</td><td>40 元</td></tr>
<tr><td>密封圈</td><td>3 元</td></tr></table><h2>Final notes</h2>
<p>The first filter is <b>free</b> of charge for five days.</p></body></html>"""


def test_a_printed_page_reads_as_it_was(browser: Browser) -> None:
    """Characters written as radicals and ligatures come back, and a table's rows stay rows."""
    page = browser.new_page()
    page.set_content(PAGE)
    raw = page.pdf()
    page.close()
    (extract,) = kinds()["pdf"].read(a_document("a.pdf", "pdf", raw)).extracts

    assert extract.title == "壶专业版使用说明"
    assert extract.body == (
        "请在使用前仔细阅读本说明书，并妥善保管，以备日后查阅；机器适合办公室使用，水箱容量四升，"
        "每天可以冲泡一百杯茶，见页尾的保修条款和各地门店的联系方式。\n\n"
        "## 配件（第 1 页）\n\n| 配件 | 价格 |\n|---|---|\n| 水泵 | 40 元 |\n| 密封圈 | 3 元 |\n\n"
        "## Final notes (p. 1)\n\nThe first filter is free of charge for five days."
    )
