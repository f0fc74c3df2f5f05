"""Check that a page is usable with a screen reader, a keyboard or weak eyes.

``assert_accessible(page)`` runs axe-core in the page in its present state and fails with one line
for each fault: the rule, how bad it is, and where. Use it in any browser test after the page has
settled:

    page.goto(live_server.url + "/compare/")
    assert_accessible(page)
"""

from pathlib import Path
from typing import Any

AXE = (
    Path(__file__).resolve().parents[1] / "platform/pages/frontend/node_modules/axe-core/axe.min.js"
)

# WCAG 2.2 at level AA, and what axe calls best practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def problems(page: Any, *, without: tuple[str, ...] = (), rules: tuple[str, ...] = ()) -> list[str]:
    """Return what axe-core finds wrong, a line each; ``without`` names CSS selectors left out.

    Only ``rules`` are checked, where some are named.
    """
    page.evaluate(AXE.read_text(encoding="utf-8"))
    only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": RULES}
    payload = page.evaluate(
        """([only, without]) => axe.run(
            { exclude: without.map((selector) => [selector]) },
            { runOnly: only, resultTypes: ["violations"] },
        ).then((result) => result.violations.flatMap((rule) => rule.nodes.map((node) =>
            `${rule.id} (${rule.impact}): ${rule.help}: ${node.target.join(" ")}`
            + ` ${node.failureSummary.split("\\n").slice(1).join(" ").trim()}`)))""",
        [only, list(without)],
    )
    return sorted(set(payload))


def assert_accessible(page: Any, *, without: tuple[str, ...] = ()) -> None:
    """Fail with every problem that axe-core finds in the page."""
    result = problems(page, without=without)
    assert not result, f"{page.url}\n" + "\n".join(result)
