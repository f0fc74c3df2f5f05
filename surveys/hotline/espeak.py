"""espeak-ng in a process of its own: sentences in as JSON, sounds out as bytes.

Run as a program by ``speech_synthesis``, once per batch: the library can be started only once in a
process, and a fault in it must not crash a worker. Django is not loaded here.
"""

import ctypes
import json
import struct
import sys
from typing import Any, Final

import espeakng_loader

_SYNCHRONOUS, _UTF8, _RATE_OF_WORDS = 2, 1, 1
_WORDS_A_MINUTE: Final = 150
"""Slower than espeak's 175, because a telephone swallows consonants."""
_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


def main() -> None:
    """Write the sample rate, then each sentence's number of bytes and its 16-bit samples."""
    asked = json.load(sys.stdin)
    espeak = ctypes.CDLL(espeakng_loader.get_library_path())
    voices = str(espeakng_loader.get_data_path()).encode()
    rate = espeak.espeak_Initialize(_SYNCHRONOUS, 0, voices, 0)
    if rate <= 0 or espeak.espeak_SetVoiceByName(asked["voice"].encode()) != 0:
        sys.exit(f"espeak-ng has no voice {asked['voice']!r}")
    espeak.espeak_SetParameter(_RATE_OF_WORDS, _WORDS_A_MINUTE, 0)
    heard = bytearray()

    def hear(samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            heard.extend(ctypes.string_at(samples, 2 * count))
        return 0

    callback = _Callback(hear)  # kept in a variable: the library holds no reference to it
    espeak.espeak_SetSynthCallback(callback)
    out = sys.stdout.buffer
    out.write(struct.pack("<I", rate))
    for sentence in asked["sentences"]:
        heard.clear()
        text = sentence.encode()
        size = ctypes.c_size_t(len(text) + 1)
        if espeak.espeak_Synth(text, size, 0, 1, 0, _UTF8, None, None) != 0:
            sys.exit("espeak-ng said nothing")
        out.write(struct.pack("<I", len(heard)))
        out.write(heard)


if __name__ == "__main__":
    main()
