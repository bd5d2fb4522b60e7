"""Fixtures of imports: what they need, and a folder with a document of each kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from channels.fetcher import AllowedHost
from crm_store.database import Database
from knowledge_base.reader import Reader
from knowledge_base.source_places import Surroundings
from tests.knowledge_sources.documents import a_docx, a_pdf
from tests.knowledge_sources.imports import NOW


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    """Run one reader for all tests of imports."""
    with Reader() as running:
        yield running


@pytest.fixture
def around(database: Database, reader: Reader) -> Surroundings:
    """Return what an import needs."""
    return Surroundings(
        database=database,
        reader=reader,
        languages=("en", "zh"),
        by="staff:ada",
        now=NOW,
        hosts=[AllowedHost("127.0.0.1")],
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder with a document of each kind, half of them in Chinese."""
    made = tmp_path / "docs"
    made.mkdir()
    (made / "returns.en.md").write_text("# Returns\n\nWithin thirty days.\n")
    (made / "returns.zh.md").write_text("# 退货\n\n三十天内可以退货。\n", encoding="gb18030")
    (made / "notes.txt").write_text("Our workshop is open from nine to five.")
    (made / "faq.csv").write_text("问题,答案\n怎么付款？,支持微信支付。\n多久到货？,一般三天。\n")
    (made / "page.html").write_text(
        "<html lang=en><title>Gift cards</title><main><h1>Gift cards</h1><p>A gift card is valid "
        "for three years from the day on which you bought it.</p></main></html>"
    )
    (made / "manual.pdf").write_bytes(a_pdf([[(20, "Manual"), (11, "Fill the tank first.")]]))
    word = a_docx(lambda made: (made.add_heading("保修", 0), made.add_paragraph("保修两年。")))
    (made / "warranty.docx").write_bytes(word)
    return made
