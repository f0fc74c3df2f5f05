"""A telephone company's REST interface for tests: what Somleng answers, over real HTTP."""

import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


class Company:
    """Keeps what it was asked; calls end as ``ending`` says; ``broken`` answers 500.

    ``refusal`` is the status and the code that it refuses with; as real ones do, it then
    repeats the number in its sentence.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.ending: dict[str, Any] = {"status": "completed", "duration": "42"}
        self.broken = False
        self.refusal: tuple[int, object] | None = None
        company = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: Any) -> None:
                pass

            def answer(self, code: int, body: dict[str, Any]) -> None:
                raw = json.dumps(body).encode()
                self.send_response(code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                fields = {k: v[0] for k, v in parse_qs(body, keep_blank_values=True).items()}
                company.asked.append((self.path, fields))
                if company.broken:
                    self.answer(500, {"message": "no"})
                elif company.refusal:
                    status, code = company.refusal
                    text = f"The number {fields.get('To')} cannot be reached"
                    self.answer(status, {"code": code, "message": text, "status": status})
                else:
                    self.answer(201, {"sid": str(uuid.uuid4()), "status": "queued"})

            def do_GET(self) -> None:
                if company.broken:
                    self.answer(500, {"message": "no"})
                else:
                    self.answer(200, {"sid": self.path.split("/")[-1][:-5], **company.ending})

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
