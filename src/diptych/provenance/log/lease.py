"""One writer at a time: a lease row whose fence every append checks in its own transaction.

The lease keeps writers from waiting on each other blindly; safety never rests on it or on clocks:
an append whose fence is not the newest changes nothing.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from diptych.core.clock import Clock, system_clock
from diptych.core.database import Connection, transaction
from diptych.provenance.log.errors import Busy, LeaseLost

MAX_LEASE_S = 600.0
_FIRST_POLL_S = 0.001
_LAST_POLL_S = 0.02


@dataclass(frozen=True)
class LeaseTerms:
    """How long a silent writer keeps the lease, and how long to wait for another's.

    Args:
        lease_s: seconds, at most 600.
        wait_s: seconds to wait before `Log.Busy`.
        clock: wall clock of this host.
        sleep: sleeps for a number of seconds.
    """

    lease_s: float = 10.0
    wait_s: float = 60.0
    clock: Clock = system_clock
    sleep: Callable[[float], None] = time.sleep


@dataclass
class Lease:
    """A held lease."""

    fence: int
    expires: float
    terms: LeaseTerms

    def renewal_due(self) -> float | None:
        """Return the new expiry if half of the time is over, else None."""
        now = self.terms.clock()
        if now + self.terms.lease_s / 2 < self.expires:
            return None
        return now + self.terms.lease_s


def acquire(connection: Connection, terms: LeaseTerms) -> Lease:
    """Take the lease: free, expired, or held by a process that died on this host.

    Raises:
        Busy: another writer still holds it after `wait_s`.
    """
    deadline = time.monotonic() + terms.wait_s
    poll_s = _FIRST_POLL_S
    while True:
        holder = _current_holder(connection, terms)
        if holder is None:
            lease = _try_take(connection, terms)
            if lease is not None:
                return lease
        elif time.monotonic() >= deadline:
            raise Busy(
                f"the log is being written by {holder}; waited {terms.wait_s:g} s",
                hint="wait for it to finish, or stop it",
                holder=holder,
            )
        terms.sleep(poll_s * (0.5 + os.urandom(1)[0] / 256))
        poll_s = min(2 * poll_s, _LAST_POLL_S)


def release(connection: Connection, lease: Lease) -> None:
    """Give the lease back; without effect if somebody else took it over meanwhile."""
    connection.execute(
        "UPDATE lease SET holder='', process='', expires=0 WHERE fence=?", (lease.fence,)
    )


def renew(connection: Connection, lease: Lease, expires: float) -> None:
    """Inside a write transaction that has checked the fence: hold the lease for longer."""
    connection.execute("UPDATE lease SET expires=?", (expires,))
    lease.expires = expires


def check_fence(connection: Connection, lease: Lease, *, last_index: int | None) -> None:
    """Inside a write transaction: make sure that the lease and the log's end are still ours.

    Raises:
        LeaseLost: another writer took the lease or appended.
    """
    fence, last = connection.execute(
        "SELECT fence, (SELECT max(idx) FROM entries) FROM lease"
    ).fetchone()
    if fence != lease.fence or last != last_index:
        raise lost(lease)


def lost(lease: Lease) -> LeaseLost:
    """Return the error of a writer whose lease was taken over."""
    return LeaseLost(
        f"another writer took over the log since fence {lease.fence}",
        hint="nothing was written; run the same command again",
    )


def _current_holder(connection: Connection, terms: LeaseTerms) -> str | None:
    """Return who holds the lease, None if it can be taken."""
    holder, process, expires = connection.execute(
        "SELECT holder, process, expires FROM lease"
    ).fetchone()
    # A clock that was set back must not lock the log for longer than any lease lasts.
    running = 0 < expires - terms.clock() <= MAX_LEASE_S
    return str(holder) if holder and running and not _is_dead(process) else None


def _try_take(connection: Connection, terms: LeaseTerms) -> Lease | None:
    holder = f"process {os.getpid()} on {os.uname().nodename}"
    process = _process_identity(os.getpid())
    with transaction(connection):
        if _current_holder(connection, terms) is not None:
            return None
        expires = terms.clock() + min(terms.lease_s, MAX_LEASE_S)
        fence = int(connection.execute("SELECT fence FROM lease").fetchone()[0]) + 1
        connection.execute(
            "UPDATE lease SET fence=?, holder=?, process=?, expires=?",
            (fence, holder, process, expires),
        )
    return Lease(fence, expires, terms)


def _process_identity(pid: int) -> str:
    """Name a process so that it is never mistaken for another: boot|pid name space|pid|start."""
    boot, space = _host_identity()
    return f"{boot}|{space}|{pid}|{_start_time(pid)}"


def _host_identity() -> tuple[str, str]:
    """Name the running kernel and the name space of its pids; where unknown, the host."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return boot, str(os.stat("/proc/self/ns/pid").st_ino)
    except OSError:
        return "", os.uname().nodename


def _start_time(pid: int) -> str:
    """Return the process's start in clock ticks since boot; empty where unknown or ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "ended" if fields[0] in "ZX" else fields[19]


def _is_dead(process: str) -> bool:
    """Say whether this process surely has ended; False when in doubt.

    A WAL database is shared by processes of one kernel only, so another boot means a restart.
    """
    own_boot, own_space = _host_identity()
    boot, _, rest = process.partition("|")
    space, _, rest = rest.partition("|")
    pid, _, started = rest.partition("|")
    if boot != own_boot:
        return bool(boot and own_boot)
    if space != own_space or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):  # not ours to signal, or no pid at all
        pass
    return _start_time(int(pid)) not in ("", started)
