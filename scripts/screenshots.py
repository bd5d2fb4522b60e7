"""Take the README's screenshots from a running server: `python -m scripts.screenshots URL`."""

import shutil
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

FOLDER: Final = Path("docs/images")
#: What Chromium needs to run as root, without a GPU, and to leave the network alone.
CHROMIUM_ARGUMENTS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
#: What is said on each phone of the playground.
PHONES: Final = {
    "wechat": "壶一号多少钱？",
    "telegram": "How do I return a product?",
    "slack": "I want a quote for 200 Kettle Pros",
}


def shoot(
    browser: Browser,
    url: str,
    name: str,
    said: list[str],
    *,
    width: int = 1280,
    height: int = 800,
    locale: str = "en-GB",
    scheme: str = "light",
) -> None:
    """Open the page, say something, and keep a picture."""
    visitor = browser.new_context(
        locale=locale,
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = visitor.new_page()
    page.goto(url)
    page.click("button.launch")
    frame = page.frame_locator("iframe")
    frame.locator("#status[data-state=online]").wait_for()
    for text in said:
        before = frame.locator("#list .message.bot").count()
        frame.locator("#field").fill(text)
        frame.locator("#field").press("Enter")
        frame.locator("#list .message.bot").nth(before).wait_for()
        page.wait_for_timeout(300)
    page.screenshot(path=FOLDER / f"{name}.png")
    visitor.close()


def shoot_playground(browser: Browser, url: str) -> None:
    """Say something on every phone of the playground, and keep a picture."""
    visitor = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = visitor.new_page()
    page.goto(f"{url.rstrip('/')}/playground")
    page.locator(".phone").nth(2).wait_for(timeout=60_000)
    for name, text in PHONES.items():
        phone = page.locator(f".phone.{name}")
        phone.locator("input").fill(text)
        phone.get_by_role("button", name="Send").click()
        phone.locator(".bubble:not(.mine)").first.wait_for()
    page.wait_for_timeout(2000)
    page.screenshot(path=FOLDER / "playground.png")
    visitor.close()


def main() -> None:
    """Take all pictures."""
    url = sys.argv[1]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS
        )
        said = ["How do I return a product?", "a quote for 200 Kettle Pros"]
        shoot(browser, url, "english", said)
        shoot(
            browser,
            url,
            "chinese-dark",
            ["怎么退货？", "我想给办公室买20台壶专业版"],
            locale="zh-CN",
            scheme="dark",
        )
        shoot(browser, url, "narrow", ["What do the error codes mean?"], width=320, height=640)
        shoot(browser, url, "honest", ["qwrtz", "can the kettle do my tax return"])
        shoot_playground(browser, url)
        browser.close()


if __name__ == "__main__":
    main()
