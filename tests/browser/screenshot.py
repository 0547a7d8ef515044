"""Write a picture of the studio with an execution of this repository's stock trader: `screenshot.py FILE`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions, ChromeService


def main(file: str) -> None:
    """Run stock_trader, write the page, and take its picture."""
    commands = [sys.executable, "-m", "workflow_dsl"]
    run = [*commands, "run", "stock_trader", "--seed", "5", "--history", "json"]
    recorded = subprocess.run(run, check=True, capture_output=True, text=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*commands, "studio", "--static", folder], check=True, capture_output=True)
        options = ChromeOptions()
        options.binary_location = shutil.which("chromium") or "chromium"
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,860"):
            options.add_argument(argument)
        driver = Chrome(options, ChromeService(shutil.which("chromedriver")))
        try:
            driver.get((Path(folder) / "index.html").as_uri())
            driver.execute_async_script(
                "window.studio.load(new File([arguments[0]], 'run.json')).then(() => setTimeout(arguments[1], 400))",
                recorded.stdout,
            )
            driver.save_screenshot(file)
        finally:
            driver.quit()


if __name__ == "__main__":
    main(sys.argv[1])
