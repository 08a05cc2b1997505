"""The page in Chromium, offline: it loads nothing and complains of nothing, its charts have size, its tables sort.

Pictures of it go to the folder that CLAIMLOOP_SCREENSHOTS names, or to the test's own.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from claimloop.reconciliation.reports.page import write_page
from claimloop.tests.reconciliation.reports.a_month import TODAY, answer_four, facts_of, run_of
from claimloop.tests.reconciliation.six_claims import six_claims

_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_DRIVER = shutil.which("chromedriver")

pytestmark = [
    pytest.mark.sqlite,
    # One browser for all of them.
    pytest.mark.xdist_group("chromium"),
    pytest.mark.skipif(
        not (_CHROMIUM and _DRIVER), reason="there is no chromium with its chromedriver here (make browser installs them)"
    ),
]  # fmt: skip

_FLAGS = (
    "--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A browser of its own, cut off from every network."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(_CHROMIUM)
    for flag in _FLAGS:
        options.add_argument(flag)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(_DRIVER)))
    try:
        driver.execute_cdp_cmd("Network.enable", {})
        driver.execute_cdp_cmd(
            "Network.emulateNetworkConditions",
            {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0},
        )
        yield driver
    finally:
        driver.quit()


@pytest.fixture
def opened(chromium: webdriver.Chrome, tmp_path: Path) -> webdriver.Chrome:
    """The browser with the report of a month in it."""
    ledger = six_claims(tmp_path)
    answer_four(ledger, tmp_path)
    path = tmp_path / "report.html"
    runs = tuple(run_of(ledger, TODAY.replace(day=day)) for day in (29, 30, 31))
    write_page(facts_of(ledger, days=90, runs=runs), path)
    show(chromium, 1280)
    chromium.get(path.as_uri())
    return chromium


def show(browser: webdriver.Chrome, width: int, scheme: str = "light") -> None:
    """As on a screen of this width, in light or dark."""
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def table_of(browser: webdriver.Chrome, caption: str) -> WebElement:
    return browser.find_element(By.XPATH, f"//table[caption='{caption}']")


def heading(table: WebElement, title: str) -> WebElement:
    return table.find_element(By.XPATH, f".//th[button='{title}']")


def column(table: WebElement, title: str) -> list[str]:
    place = [each.text.strip() for each in table.find_elements(By.TAG_NAME, "th")].index(title)
    return [
        row.find_elements(By.TAG_NAME, "td")[place].text for row in table.find_elements(By.CSS_SELECTOR, "tbody tr")
    ]


def test_it_opens_offline_without_a_word_on_the_console(opened: webdriver.Chrome):
    assert opened.title.startswith("Claims report")
    assert opened.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert opened.get_log("browser") == []


def test_a_click_sorts_and_a_second_one_turns_it_around(opened: webdriver.Chrome):
    table = table_of(opened, "Denied, by group and reason (CARC)")
    assert column(table, "Code") == ["CO-16", "CO-197", "CO-97"]

    heading(table, "Code").find_element(By.TAG_NAME, "button").click()
    assert column(table, "Code") == ["CO-16", "CO-97", "CO-197"]
    assert heading(table, "Code").get_attribute("aria-sort") == "ascending"

    heading(table, "Code").find_element(By.TAG_NAME, "button").click()
    assert column(table, "Code") == ["CO-197", "CO-97", "CO-16"]
    assert heading(table, "Code").get_attribute("aria-sort") == "descending"

    heading(table, "Denied").find_element(By.TAG_NAME, "button").click()
    assert column(table, "Denied") == ["$100.00", "$50.00", "$50.00"]
    assert heading(table, "Code").get_attribute("aria-sort") == "none"


def test_the_keyboard_sorts_too_numbers_by_size_and_days_by_date(opened: webdriver.Chrome):
    opened.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    table = table_of(opened, "Payments by week")

    heading(table, "Payments").find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
    assert column(table, "Payments")[:3] == ["$225.00", "$120.00", "$120.00"]

    button = heading(table, "Week of").find_element(By.TAG_NAME, "button")
    button.send_keys(Keys.SPACE)
    assert [text.replace("\xa0", " ") for text in column(table, "Week of")[:2]] == ["Aug 3, 2026", "Aug 10, 2026"]
    button.send_keys(Keys.SPACE)
    assert [text.replace("\xa0", " ") for text in column(table, "Week of")[:2]] == ["Oct 26, 2026", "Oct 19, 2026"]


def test_a_total_stays_the_last_row(opened: webdriver.Chrome):
    table = table_of(opened, "Payments by payer")

    heading(table, "Payer").find_element(By.TAG_NAME, "button").click()

    assert table.find_elements(By.TAG_NAME, "tr")[-1].text.startswith("All")


@pytest.mark.parametrize("width", [390, 1280])
def test_every_chart_has_size_and_the_page_is_no_wider_than_its_screen(opened: webdriver.Chrome, width: int):
    show(opened, width)

    charts = opened.find_elements(By.TAG_NAME, "svg")
    assert len(charts) == 4
    for chart in charts:
        assert chart.size["width"] > width / 2
        assert chart.size["height"] > 100
        assert chart.find_elements(By.CSS_SELECTOR, "rect, circle")
    bars = [each.size["height"] for each in opened.find_elements(By.CSS_SELECTOR, "#money svg rect")]
    assert len(bars) == 3
    assert max(bars) == bars[1] > 1.8 * bars[0] > 0
    assert opened.execute_script("return document.documentElement.scrollWidth") <= width


def test_a_link_to_a_list_opens_it(opened: webdriver.Chrome):
    opened.find_element(By.CSS_SELECTOR, ".attention a[href='#list-denials']").click()

    assert opened.find_element(By.ID, "list-denials").get_attribute("open") is not None
    assert table_of(opened, "Denied, row by row").is_displayed()


def test_dark_is_dark_and_ink_can_be_read_on_either(opened: webdriver.Chrome):
    def light_of(part: str) -> int:
        script = f"return getComputedStyle(document.body).{part}.match(/\\d+/g).slice(0, 3).map(Number)"
        return sum(opened.execute_script(script))

    assert light_of("backgroundColor") > 600 > 300 > light_of("color")
    show(opened, 1280, "dark")
    assert light_of("backgroundColor") < 150 < 600 < light_of("color")


@pytest.mark.parametrize(
    ("name", "width", "scheme"), [("light", 1280, "light"), ("dark", 1280, "dark"), ("phone", 390, "light")]
)
def test_a_picture_is_taken(opened: webdriver.Chrome, tmp_path: Path, name: str, width: int, scheme: str):
    folder = Path(os.environ.get("CLAIMLOOP_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    show(opened, width, scheme)
    height = opened.execute_script("return document.documentElement.scrollHeight")
    whole = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", whole)

    assert opened.save_screenshot(str(folder / f"report-{name}.png"))
    assert (folder / f"report-{name}.png").read_bytes()[1:4] == b"PNG"
