"""A site that is imported again brings what changed, and loses nothing while it is in trouble."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from knowledge_base.source_places import Surroundings
from tests.knowledge_sources.imports import figures, imported, live
from tests.knowledge_sources.site import LocalSite, Page, local_site, page


@pytest.fixture
def site() -> Iterator[LocalSite]:
    """Run a small shop's site."""
    with local_site() as running:
        running.pages = {
            "/": page("Home", "", "/returns", "/hours", "/returns?print=1"),
            "/returns": page("Returns", "Send it back within thirty days, we pay for the parcel."),
            "/hours": page(
                "Hours", "Our showroom is open from nine to five on every working day."
            ),
        }
        for name in running.pages:
            running.find(name).etag = f'"{name}-1"'
        running.pages["/returns?print=1"] = Page(
            b'<link rel=canonical href="/returns"><main>The same.</main>'
        )
        yield running


def test_a_site_is_imported_and_read_again_by_condition(
    around: Surroundings, site: LocalSite
) -> None:
    """Pages become articles with their address; unchanged ones are not sent, lost ones go."""
    outcome = imported(around, site.url)
    assert outcome.new == 3
    assert live(around)["Returns"].url == f"{site.url}/returns"
    assert [left.why for left in outcome.left] == [f"is the same page as {site.url}/returns"]

    changed = page("Hours", "Our showroom is open from ten to six, and closed on Mondays.")
    site.pages["/hours"] = replace(changed, etag='"/hours-2"')
    again = imported(around, site.url)
    assert figures(again) == (0, 1, 2, 0)
    assert set(site.unchanged) == {"/", "/returns"}
    assert "ten to six" in live(around)["Hours"].body

    del site.pages["/hours"]
    assert figures(imported(around, site.url)) == (0, 0, 2, 1)
    assert "Hours" not in live(around)


@pytest.mark.parametrize("trouble", [500, 503, 429])
def test_a_site_in_trouble_loses_nothing(
    around: Surroundings, site: LocalSite, trouble: int
) -> None:
    """Pages that fail for now keep their articles, also those that only they lead to."""
    imported(around, site.url)
    site.pages["/"] = Page(status=trouble)
    outcome = imported(around, site.url)

    assert outcome.removed == 0
    assert set(live(around)) == {"Home", "Returns", "Hours"}
    assert "kept as read on" in outcome.left[0].why


def test_a_pass_that_saw_a_part_takes_nothing_away(around: Surroundings, site: LocalSite) -> None:
    """A lower limit of pages, or a robots.txt that cannot be had, does not make pages gone."""
    imported(around, site.url)
    assert imported(around, site.url, pages=1).removed == 0
    site.pages["/robots.txt"] = Page(status=503)
    assert imported(around, site.url).removed == 0
    assert set(live(around)) == {"Home", "Returns", "Hours"}

    site.pages["/robots.txt"] = Page(b"User-agent: *\nDisallow: /hours\n", "text/plain")
    assert imported(around, site.url).removed == 1
    assert set(live(around)) == {"Home", "Returns"}
