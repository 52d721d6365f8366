"""The folder of images that are held back: cleaned files, their list, and pages to look at."""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from diptych.app.workspace import Workspace
from diptych.core.errors import JsonValue
from diptych.core.files import make_folder, system_error, write_durably
from diptych.data.imaging import Cleaned
from diptych.data.imaging.pictures import Picture, draw_picture
from diptych.data.imaging.review import (
    LIST_NAME,
    HeldImage,
    ReviewList,
    page_name,
    render_page,
)

_PURPOSE = b"diptych-dicom-review/1\0"
_PAGE_IMAGES = 100
_PAGE_BYTES = 32 << 20


@dataclass(frozen=True)
class Held:
    """One image that was held back.

    Attributes:
        number: by which `diptych data release --only` names it.
        path: in the source.
        place: in the review folder, by new UIDs.
        reason: why its pixels may show text.
    """

    number: int
    path: str
    place: str
    reason: str

    def to_json(self) -> dict[str, JsonValue]:
        """Return what `diptych data deidentify --json` shows of it."""
        return {
            "number": self.number,
            "path": self.path,
            "place": self.place,
            "reason": self.reason,
        }


def review_key(workspace: Workspace) -> bytes:
    """Return the secret under which lists of held images are tagged.

    Raises:
        KeyLocked: nothing unlocks the keys.
    """
    return hmac.digest(workspace.keys.private_key(), _PURPOSE, sha256)


@dataclass
class HeldFolder:
    """Writes the folder; only its owner may read it, as pixels may show names.

    Attributes:
        run: id of the run.
        key: secret of the workspace.
        stage: folder to write to.
        images: so far.
    """

    run: str
    key: bytes = field(repr=False)
    stage: Path = Path()
    images: list[Held] = field(default_factory=list)
    _listed: list[HeldImage] = field(default_factory=list)
    _shown: list[tuple[HeldImage, Picture | None]] = field(default_factory=list)
    _page: int = 1

    def add(self, cleaned: Cleaned, path: str, place: str) -> None:
        """Keep an image back.

        Raises:
            CannotWrite: it cannot be written.
        """
        if self._is_full():
            self._write_page(more=True)
        picture = draw_picture(cleaned.content)
        number = len(self.images) + 1
        whole = picture is not None and picture.whole
        image = HeldImage(number, place, cleaned.held, whole)
        target = self.stage / place
        try:
            make_folder(target.parent, mode=0o700)
        except OSError as error:
            raise system_error(error) from error
        write_durably(target, cleaned.content, mode=0o600)
        self._listed.append(image.tagged(self.run, cleaned.content, self.key))
        self._shown.append((image, picture))
        self.images.append(Held(number, path, place, cleaned.held))

    def close(self) -> None:
        """Write the list and the last page, if anything was held back."""
        if not self.images:
            return
        self._write_page(more=False)
        listed = ReviewList(self.run, tuple(self._listed)).dump()
        write_durably(self.stage / LIST_NAME, listed, mode=0o600)

    def _is_full(self) -> bool:
        size = sum(len(one.png) for _, one in self._shown if one is not None)
        return len(self._shown) >= _PAGE_IMAGES or size >= _PAGE_BYTES

    def _write_page(self, *, more: bool) -> None:
        page = render_page(self._shown, self._page, more=more)
        write_durably(self.stage / page_name(self._page), page.encode(), mode=0o600)
        self._page += 1
        self._shown.clear()
