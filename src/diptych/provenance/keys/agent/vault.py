"""What the agent holds: unlocked keys until a deadline, and the requests it answers."""

import base64
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from diptych.core.errors import JsonValue
from diptych.provenance.keys.agent.wire import MAX_MESSAGES
from diptych.provenance.keys.errors import AgentRefused, BadSeed, WrongPurpose
from diptych.provenance.keys.key import Purpose, UnlockedKey
from diptych_verify.jsonio import ObjectReader

MAX_KEYS = 64
MAX_TTL_S = 604_800
Signing = Callable[[Sequence[bytes]], list[bytes]]


@dataclass
class _Held:
    purpose: Purpose
    seed: bytearray
    sign: Signing | None

    def wipe(self) -> None:
        # Best effort: copies inside the crypto libraries die with the process.
        self.seed[:] = bytes(len(self.seed))
        self.sign = None


class Vault:
    """Unlocked keys by key id; wiped by `lock` or when the deadline has passed.

    Args:
        ttl_s: seconds a key stays after the last `add`.
        now: monotonic seconds that also count while the machine sleeps.
    """

    def __init__(self, ttl_s: float, now: Callable[[], float]) -> None:
        self._held: dict[str, _Held] = {}
        self._mutex = threading.Lock()
        self._now = now
        self._ttl_s = min(ttl_s, MAX_TTL_S)
        self._deadline = now() + self._ttl_s
        self.locked = False

    @property
    def remaining_s(self) -> float:
        """Seconds until the agent forgets everything; 0 once locked."""
        return 0.0 if self.locked else max(0.0, self._deadline - self._now())

    def lock(self) -> None:
        """Wipe every key; the agent stops."""
        with self._mutex:
            self.locked = True
            for held in self._held.values():
                held.wipe()
            self._held.clear()

    def answer(self, request: ObjectReader) -> dict[str, JsonValue]:
        """Carry out one request.

        Raises:
            AgentRefused: unknown verb or key id, too many keys.
            WrongPurpose: the key may not sign or reveal that.
            MalformedError: the request has the wrong shape.
        """
        verb = request.text("verb")
        verbs = {
            "list": self._list,
            "add": self._add,
            "sign": self._sign,
            "reveal": self._reveal,
            "lock": self._lock,
        }
        if verb not in verbs:
            raise AgentRefused(f"got verb '{verb[:40]}', expected one of {', '.join(verbs)}")
        if self.remaining_s == 0:
            raise AgentRefused("the agent's time is over", hint="diptych key unlock")
        return verbs[verb](request)

    def _list(self, request: ObjectReader) -> dict[str, JsonValue]:
        request.done()
        with self._mutex:
            keys: list[JsonValue] = [
                {"keyid": keyid, "purpose": str(held.purpose)}
                for keyid, held in sorted(self._held.items())
            ]
        return {"keys": keys, "remaining_s": int(self.remaining_s)}

    def _add(self, request: ObjectReader) -> dict[str, JsonValue]:
        purpose, keyid = request.text("purpose"), request.text("keyid")
        seed = request.b64_bytes("seed", size=32)
        request.done()
        if purpose not in set(Purpose):
            raise AgentRefused(f"got purpose '{purpose[:40]}', expected {', '.join(Purpose)}")
        try:
            key = UnlockedKey(Purpose(purpose), keyid, seed)
        except BadSeed as error:
            raise AgentRefused(error.message) from None
        with self._mutex:
            if len(self._held) >= MAX_KEYS and keyid not in self._held:
                raise AgentRefused(f"the agent holds {MAX_KEYS} keys already")
            self._held[keyid] = _Held(key.purpose, bytearray(seed), _signing(key))
            self._deadline = self._now() + self._ttl_s
        return {"remaining_s": int(self.remaining_s)}

    def _sign(self, request: ObjectReader) -> dict[str, JsonValue]:
        held = self._find(request.text("keyid"))
        messages = request.b64_items("messages", maximum=MAX_MESSAGES)
        request.done()
        if held.sign is None:
            raise WrongPurpose(f"a {held.purpose} key does not sign")
        signatures = held.sign(messages)
        return {"signatures": [base64.b64encode(one).decode() for one in signatures]}

    def _reveal(self, request: ObjectReader) -> dict[str, JsonValue]:
        held = self._find(request.text("keyid"))
        request.done()
        if held.purpose is not Purpose.PRIVATE:
            raise WrongPurpose(f"the agent never hands out a {held.purpose} key")
        return {"seed": base64.b64encode(held.seed).decode()}

    def _lock(self, request: ObjectReader) -> dict[str, JsonValue]:
        request.done()
        self.lock()
        return {"locked": True}

    def _find(self, keyid: str) -> _Held:
        with self._mutex:
            if keyid not in self._held:
                raise AgentRefused(
                    f"the agent does not hold key '{keyid[:100]}'", hint="diptych key unlock"
                )
            return self._held[keyid]


def _signing(key: UnlockedKey) -> Signing | None:
    if key.purpose is Purpose.STATEMENT:
        return key.statement_signer().sign
    if key.purpose is Purpose.LOG:
        sign = key.log_signer().sign
        return lambda bodies: [sign(body) for body in bodies]
    if key.purpose is Purpose.WITNESS:
        cosign = key.witness_signer().cosign
        return lambda bodies: [cosign(body.decode("utf-8", "replace")) for body in bodies]
    return None
