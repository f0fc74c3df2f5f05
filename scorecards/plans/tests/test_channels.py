"""Text messages and Telegram against servers that answer as their public interfaces say."""

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from scorecards.plans.channels import Letter
from scorecards.plans.channels.errors import ChannelError, RefusedError, UnclearError
from scorecards.plans.channels.sms import transport as sms
from scorecards.plans.channels.telegram import transport as telegram
from surveys.hotline import lines
from surveys.hotline.models import Line

KEY = "0b9f5f1e-1c1f-4a53-9b53-2d8f6f1c2a10"
CHAT = "-1001234567890"
NUMBER = "+85512345678"


class Server:
    """Answers each request with ``answer(method, path, body)``: a status and JSON."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.answers: list[tuple[int, Any]] = []
        kept = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: Any) -> None:
                pass

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length).decode()
                is_json = "json" in self.headers.get("Content-Type", "")
                kept.asked.append(
                    (self.command, self.path, json.loads(raw) if is_json else parse_qs(raw))
                )
                status, body = kept.answers.pop(0)
                text = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    made = Server()
    settings.TELEGRAM_TOKEN, settings.TELEGRAM_API = "123:ABC", made.address
    yield made
    made.server.shutdown()
    made.server.server_close()


def nothing() -> None:
    """Nobody keeps when the message was handed over."""


def send(text: str = "ការសន្យា") -> str:
    return telegram.send(Letter(CHAT, KEY, "អក្សរ", text), nothing)


def test_telegram_takes_a_message_and_says_its_number(server: Server) -> None:
    server.answers = [
        (
            200,
            {
                "ok": True,
                "result": {
                    "message_id": 365,
                    "date": 1796000000,
                    "chat": {"id": int(CHAT), "type": "supergroup", "title": "t"},
                    "text": "x",
                },
            },
        )
    ]
    assert send() == "365"
    method, path, body = server.asked[0]
    assert (method, path) == ("POST", "/bot123:ABC/sendMessage")
    assert (body["chat_id"], body["text"]) == (CHAT, "អក្សរ\n\nការសន្យា")
    assert len(body["text"]) <= 4096


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}),
        (
            403,
            {
                "ok": False,
                "error_code": 403,
                "description": "Forbidden: bot was blocked by the user",
            },
        ),
    ],
)
def test_telegram_refuses_a_chat_for_good(server: Server, status: int, text: Any) -> None:
    server.answers = [(status, text)]
    with pytest.raises(RefusedError):
        send()


@pytest.mark.parametrize(
    ("status", "text", "is_unclear"),
    [
        (
            429,
            {
                "ok": False,
                "error_code": 429,
                "description": "Too Many Requests: retry after 35",
                "parameters": {"retry_after": 35},
            },
            False,
        ),
        (401, {"ok": False, "error_code": 401, "description": "Unauthorized"}, False),
        (500, {"ok": False, "error_code": 500, "description": "Internal Server Error"}, False),
        (502, b"<html>Bad Gateway</html>", True),
        (200, b"<html>a captive portal</html>", True),
        (200, [], True),
    ],
)
def test_telegram_says_no_or_somebody_else_answers_in_its_place(
    server: Server, status: int, text: Any, is_unclear: bool
) -> None:
    server.answers = [(status, text)]
    with pytest.raises(ChannelError) as trouble:
        send()
    assert not isinstance(trouble.value, RefusedError)
    assert isinstance(trouble.value, UnclearError) == is_unclear
    assert "123:ABC" not in str(trouble.value), "the bot's token is a secret"


def test_a_group_that_became_a_supergroup_is_written_to_under_its_new_number(
    server: Server,
) -> None:
    moved = {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": -1009876543210},
    }
    server.answers = [(400, moved), (200, {"ok": True, "result": {"message_id": 7}})]
    assert send() == "7"
    assert server.asked[1][2]["chat_id"] == -1009876543210


def test_telegram_that_nobody_reaches_is_tried_again(settings: Any) -> None:
    settings.TELEGRAM_TOKEN, settings.TELEGRAM_API = "123:ABC", "http://127.0.0.1:1"
    with pytest.raises(ChannelError) as trouble:
        send()
    assert not isinstance(trouble.value, UnclearError), "nothing can have arrived"


@pytest.fixture
def line(db: None, server: Server) -> Line:
    made = Line(
        company=Line.Company.SOMLENG, number="1294", account_sid="acc-1", api_base=server.address
    )
    lines.set_token(made, "secret")
    made.is_open = True
    made.save()
    return made


def message(body: str, sid: str = "3f6a", to: str = NUMBER) -> dict[str, Any]:
    """A message as the companies list it."""
    return {
        "sid": sid,
        "account_sid": "acc-1",
        "to": to,
        "from": "1294",
        "body": body,
        "status": "sent",
        "direction": "outbound-api",
        "date_created": format_datetime(timezone.now()),
        "date_sent": format_datetime(timezone.now()),
        "date_updated": format_datetime(timezone.now()),
        "num_segments": "1",
        "num_media": "0",
        "price": None,
        "price_unit": None,
        "error_code": None,
        "error_message": None,
        "uri": "",
    }


def listed(*messages: dict[str, Any]) -> dict[str, Any]:
    return {
        "messages": list(messages),
        "page": 0,
        "page_size": 50,
        "next_page_uri": None,
        "previous_page_uri": None,
        "uri": "/2010-04-01/Accounts/acc-1/Messages.json",
    }


def test_a_text_message_carries_its_mark_and_is_found_by_it(server: Server, line: Line) -> None:
    server.answers = [(201, message("x", "sid-1"))]
    assert sms.send(Letter(NUMBER, KEY, "subject", "ការសន្យា"), nothing) == "sid-1"
    method, path, body = server.asked[0]
    assert (method, path) == ("POST", "/2010-04-01/Accounts/acc-1/Messages.json")
    assert body["To"] == [NUMBER]
    assert body["Body"] == [f"ការសន្យា\n{sms.mark(KEY)}"]
    since = timezone.now() - timedelta(hours=1)
    others = [message("another #000000", "sid-0"), message(f"ការសន្យា\n{sms.mark(KEY)}", "sid-1")]
    server.answers = [(200, listed(*others))]
    assert sms.find(NUMBER, KEY, since) == "sid-1"
    asked = parse_qs(urlsplit(server.asked[1][1]).query)
    assert asked["To"] == [NUMBER]
    assert datetime.fromisoformat(asked["DateSent>"][0].replace("Z", "+00:00")) <= timezone.now()
    server.answers = [(200, listed(others[0]))]
    assert sms.find(NUMBER, KEY, since) is None


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(400, 21211, RefusedError), (500, None, UnclearError), (401, 20003, ChannelError)],
)
def test_a_number_that_is_refused_is_told_from_a_company_that_fails(
    server: Server, line: Line, status: int, code: int | None, kind: type[Exception]
) -> None:
    server.answers = [(status, {"code": code, "message": "no", "status": status})]
    with pytest.raises(ChannelError) as trouble:
        sms.send(Letter(NUMBER, KEY, "s", "t"), nothing)
    assert type(trouble.value) is kind
    assert NUMBER not in str(trouble.value)
