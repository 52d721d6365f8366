"""Recording uses by itself: each call of a loaded model, each download of what is licensed.

Who is served never waits and never fails because of the record, unless the licence makes recording
a duty: it limits how often, or asks to tell or to pay the licensor. Then nothing is handed out
before the use is on the disk.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from diptych.app.verbs.licensee import licensee_id, remember_licensee
from diptych.app.workspace import Workspace
from diptych.core.errors import EnvironmentFault
from diptych.models.errors import LicenceRefused
from diptych.models.usage.record import UsageRecord, require_valid
from diptych.models.usage.spool import UsageNotRecorded, take_in
from diptych.models.usage.store import UsageStore

_MAX_KNOWN = 10_000


@dataclass(frozen=True)
class Permission:
    """What the licence said to a licensee.

    Attributes:
        text: clause and reason.
        duty: each use has to be recorded.
        limited: the licence limits how often, so that it is asked before each use.
    """

    text: str = "no licence is stated"
    duty: bool = False
    limited: bool = False


@dataclass(frozen=True)
class Metered:
    """What is metered.

    Attributes:
        asset: hex record id.
        action: what is done with it.
        licensee: key id or pseudonym of who uses it unless another one is named; may be empty.
        record: whether uses are recorded; None asks the setting `usage.record`.
    """

    asset: str
    action: str
    licensee: str
    record: bool | None = None


class Meter:
    """Asks the licence before a use and records it afterwards; from any thread.

    Args:
        workspace: where uses are recorded.
        what: what is used, and by whom by default.
        permission: of that licensee.
        ask: asks the licence on behalf of a licensee, by key id or pseudonym; raises if it refuses.

    Raises:
        BadUsage: the action is no word for one.
        LicenceRefused: the licence asks for records, and recording is off.
    """

    def __init__(
        self,
        workspace: Workspace,
        what: Metered,
        permission: Permission,
        ask: Callable[[str], Permission],
    ) -> None:
        self._workspace, self._what, self._ask = workspace, what, ask
        self._on = recording(workspace, what.record)
        self._users = {"": self._user(what.licensee, permission)}
        self._warned = False
        if self._on and what.licensee:
            require_valid(self._use(what.licensee, 1))

    def permit(self, licensee: str = "") -> Callable[[int], None]:
        """Ask the licence: once for each licensee, before each use if it limits how often.

        Args:
            licensee: key id or name of who uses the asset; empty for whoever loaded it.

        Returns:
            What records the use, given its units.

        Raises:
            LicenceRefused: it does not allow the use.
            BadLicensee: the name is empty, too long or not printable.
        """
        user = self._users.get(licensee)
        if user is None or user.permission.limited:
            who = user.who if user is not None else named(self._workspace, licensee, keep=self._on)
            user = self._user(who, self._ask(who))
            if len(self._users) > _MAX_KNOWN:
                self._users = {"": self._users[""]}
            self._users[licensee] = user
        return user.used

    def record(self, who: str, units: int, *, duty: bool) -> None:
        """Record a use.

        Raises:
            UsageNotRecorded: it cannot be recorded, and that is a duty.
        """
        if not self._on or not (who or duty):
            return
        try:
            if not who:
                raise OSError("there is no key here to record it under")
            self._workspace.spool.add(self._use(who, units), durable=duty)
        except (OSError, EnvironmentFault) as error:
            if duty:
                raise UsageNotRecorded(
                    f"the licence asks for a record of each use, which cannot be written: {error}",
                    hint="make .diptych/uses writable",
                ) from error
            self._warn(error)

    def _user(self, who: str, permission: Permission) -> "_User":
        if permission.duty and not self._on:
            raise LicenceRefused(
                f"the licence asks for a record of each use, and recording is off: "
                f"{permission.text}",
                hint="leave out record=False, and set usage.record to on",
                clause="duty",
            )
        return _User(self, who, permission)

    def _use(self, who: str, units: int) -> UsageRecord:
        time_s = int(self._workspace.clock())
        return UsageRecord(who, self._what.asset, self._what.action, time_s, units)

    def _warn(self, error: Exception) -> None:
        import logging

        if not self._warned:
            self._warned = True
            logging.getLogger("diptych.usage").warning(
                "uses of %s are not recorded: %s; record=False or the setting usage.record=off "
                "says that this is meant",
                self._what.asset[:16],
                error,
            )


@dataclass(frozen=True)
class _User:
    """One licensee and what the licence said."""

    meter: Meter
    who: str
    permission: Permission

    def used(self, units: int) -> None:
        """Record a use; see `Meter.record`."""
        self.meter.record(self.who, units, duty=self.permission.duty)


def named(workspace: Workspace, licensee: str, *, keep: bool) -> str:
    """Return a licensee's id; `keep` its name for our own lists, where that can be written.

    Raises:
        BadLicensee: the name is empty, too long or not printable.
    """
    who = licensee_id(workspace, licensee)
    if keep:
        with suppress(EnvironmentFault, OSError):
            remember_licensee(workspace, licensee)
    return who


def recording(workspace: Workspace, wanted: bool | None) -> bool:
    """Tell whether uses are recorded: as asked, else as the setting `usage.record` says."""
    return workspace.settings.usage.record == "on" if wanted is None else wanted


def record_download(
    workspace: Workspace, what: Metered, permission: Permission | None = None, *, to: str = ""
) -> None:
    """Record that bytes of an asset are about to be handed to somebody.

    Args:
        workspace: where uses are recorded.
        what: what is handed out, and by whom.
        permission: what the licence said to whoever hands it out.
        to: key id or name of who gets it, if known.

    Raises:
        UsageNotRecorded: it cannot be recorded, and the licence makes that a duty.
        BadLicensee: the name is empty, too long or not printable.
    """
    said = permission or Permission()
    Meter(workspace, what, said, lambda _: said).permit(to)(1)


def open_store(workspace: Workspace) -> UsageStore:
    """Open the usage store with all uses in it that any process has recorded so far.

    Raises:
        UsageStoreFault: it cannot be read or written.
    """
    store = UsageStore(workspace.place.usage)
    try:
        take_in(store, workspace.place.uses)
    except BaseException:
        store.close()
        raise
    return store
