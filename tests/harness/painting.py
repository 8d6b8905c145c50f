"""What a browser needs before it takes keys."""

from playwright.sync_api import Page


def painted(page: Page) -> Page:
    """The page, once it has been painted: until then Chromium throws away every key, as nobody can mean it.

    On a busy machine that is well after the rows are in the document.
    """
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
    return page
