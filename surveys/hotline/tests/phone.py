"""A telephone for tests: behaves as Somleng's switch is known to, and signs as both companies do.

Pinned to what was read in Somleng's source: it executes Gather, Play, Say, Redirect, Hangup and
Reject only; relative or non-ASCII addresses do not play; an empty Gather posts without
``Digits`` only when ``actionOnEmptyResult`` is "true", otherwise it falls through; a key
that comes later than two seconds after another is submitted apart (the test presses so).
"""

import re
import uuid
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from django.test import Client
from twilio.request_validator import RequestValidator

BASE = "https://hotline.example.kh"
VERBS = {"Gather", "Play", "Say", "Redirect", "Hangup", "Reject"}


@dataclass
class Phone:
    """One call of one caller, made over the real addresses of a line."""

    client: Client
    line_id: int
    account: str
    token: str
    number: str = "+85512345678"
    sid: str = field(default_factory=lambda: str(uuid.uuid4()))
    played: list[str] = field(default_factory=list)
    ended: bool = False
    rejected: str = ""
    action: str = ""
    wanted: int = 0
    last: Any = None

    def post(self, address: str, **fields: str) -> Any:
        """A signed POST, as the company sends it."""
        values = {
            "AccountSid": self.account,
            "CallSid": self.sid,
            "From": self.number,
            "To": "1294",
            "Caller": self.number,
            "Direction": "inbound",
            "ApiVersion": "2010-04-01",
            **fields,
        }
        signature = RequestValidator(self.token).compute_signature(BASE + address, values)
        self.last = self.client.post(address, values, headers={"X-Twilio-Signature": signature})
        return self.last

    def dial(self) -> "Phone":
        self.execute(self.post(f"/ivr/v1/voice/{self.line_id}", CallStatus="ringing"))
        return self

    def press(self, keys: str = "") -> "Phone":
        """Press keys, or with "" keep silent until the Gather gives up."""
        assert not self.ended, "the call is over"
        fields = {"CallStatus": "in-progress"} | ({"Digits": keys} if keys else {})
        self.execute(self.post(self.action, **fields))
        return self

    def keys(self, keys: str) -> "Phone":
        """Press several keys, each when it is asked for."""
        for key in keys:
            self.press(key)
        return self

    def execute(self, response: Any) -> None:
        assert response.status_code == 200, response.status_code
        assert response["Content-Type"].startswith("text/xml")
        assert len(response.content) < 64 * 1024
        root = ElementTree.fromstring(response.content)
        assert root.tag == "Response"
        self.played = []
        for verb in root:
            assert verb.tag in VERBS, f"Somleng cannot execute <{verb.tag}>"
            if verb.tag == "Gather":
                self._gather(verb)
                return
            if verb.tag == "Play":
                self._play(verb)
            if verb.tag == "Reject":
                self.rejected = verb.get("reason", "rejected")
            if verb.tag in {"Hangup", "Reject"}:
                break
        self.ended = True

    def _gather(self, verb: Any) -> None:
        assert {child.tag for child in verb} <= {"Play", "Say"}
        assert verb.get("finishOnKey") == ""
        assert verb.get("numDigits"), "no limit and no terminator: Adhearsion dies"
        assert verb.get("actionOnEmptyResult") == "true"
        assert 1 <= int(verb.get("timeout")) <= 10
        for child in verb:
            self._play(child)
        action = verb.get("action")
        assert action.startswith(BASE)
        self.action, self.wanted = action.removeprefix(BASE), int(verb.get("numDigits"))

    def _play(self, verb: Any) -> None:
        address = verb.text
        assert address.startswith(BASE), "relative addresses do not play"
        assert re.fullmatch(r"[\x21-\x7e]+", address)
        assert address.endswith(".wav")
        assert not set(address) & set("@()?")
        self.played.append(address.removeprefix(BASE))
