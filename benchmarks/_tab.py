"""A browser's tab on a slow processor, measured from inside the page alone.

Tools that inspect a page while it loads (Playwright's waiting functions among them) put a third of
a megabyte of their own script into it, which a processor six times slower reads for half a second:
that would be measured, not the page. So a tab is opened, slowed and sent to its address over the
browser's own protocol, one small script watches it, and at the end the page itself posts the
moments to the server that it came from.
"""

import itertools
import json
import queue
from typing import Any

TOLD = "/told/"
PATIENCE = 60.0
"""Seconds until a page that reports nothing counts as broken."""


class Tabs:
    """Opens tabs of a fresh profile each, one after the other, and reads what they report."""

    def __init__(self, browser: Any, *, slower: int) -> None:
        self.heard: queue.Queue[list[float]] = queue.Queue()
        """Filled by the server with what pages post to ``TOLD``."""
        self._browser = browser.new_browser_cdp_session()
        self._slower = slower
        self._numbers = itertools.count(1)
        self._answers: dict[int, Any] = {}
        self._browser.on("Target.receivedMessageFromTarget", self._take)

    def _take(self, event: dict[str, Any]) -> None:
        answer = json.loads(event["message"])
        if "id" in answer:
            self._answers[answer["id"]] = answer

    def _send(self, session: str, method: str, **fields: Any) -> None:
        number = next(self._numbers)
        message = json.dumps({"id": number, "method": method, "params": fields})
        self._browser.send("Target.sendMessageToTarget", {"sessionId": session, "message": message})
        while number not in self._answers:
            self._browser.send("Browser.getVersion")  # lets the answer arrive
        assert "error" not in self._answers[number], self._answers[number]

    def moments(self, url: str, watched: str) -> list[float]:
        """Open ``url`` in a new tab with an empty profile and return the moments that it posts.

        ``watched`` is a script that runs before the page's own and posts its moments.
        """
        profile = self._browser.send("Target.createBrowserContext")["browserContextId"]
        tab = self._browser.send(
            "Target.createTarget",
            {"url": "about:blank", "browserContextId": profile, "width": 360, "height": 740},
        )["targetId"]
        asked = {"targetId": tab, "flatten": False}
        session = self._browser.send("Target.attachToTarget", asked)["sessionId"]
        size = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": False}
        self._send(session, "Emulation.setDeviceMetricsOverride", **size)
        self._send(session, "Page.enable")
        self._send(session, "Page.addScriptToEvaluateOnNewDocument", source=watched)
        self._send(session, "Emulation.setCPUThrottlingRate", rate=self._slower)
        self._send(session, "Page.navigate", url=url)
        value = self.heard.get(timeout=PATIENCE)
        self._browser.send("Target.disposeBrowserContext", {"browserContextId": profile})
        return value
