"""Images that are held back until somebody has looked: their list, and pages that show them."""

import base64
import hashlib
import hmac
import html
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from diptych.core.canonical import canonical_json
from diptych.core.errors import JsonValue, MalformedError
from diptych.data.imaging.errors import BadReview
from diptych.data.imaging.pictures import Picture
from diptych.data.imaging.series import MAX_FILES
from diptych_verify.jsonio import ObjectReader, strict_json

LIST_NAME, PAGE_NAME = "review.json", "review.html"
_FORMAT = "diptych-review/1"
_MAX_BYTES = 1 << 27
_MAX_TEXT = 400
_STYLE = """
body{font:15px/1.4 system-ui,sans-serif;margin:2em;max-width:90em;color:#222;background:#fff}
section{display:inline-block;vertical-align:top;width:21em;margin:0 1em 1.5em 0}
img{max-width:100%;background:#000;cursor:zoom-in}
img:focus{position:fixed;inset:0;margin:auto;max-width:none;z-index:1;outline:0;cursor:zoom-out}
p{margin:.2em 0;overflow-wrap:anywhere}.no{padding:3em 1em;background:#eee}.soft{color:#666}
"""


@dataclass(frozen=True)
class HeldImage:
    """One cleaned image that is held back.

    Attributes:
        number: by which it is named, from 1.
        place: `series/instance.dcm` by new UIDs.
        reason: why its pixels may show text.
        whole: whether the review page shows all of it.
        tag: HMAC over all of this and its content, under a key of the workspace.
    """

    number: int
    place: str
    reason: str
    whole: bool
    tag: str = field(default="", repr=False)

    def tagged(self, run: str, content: bytes, key: bytes) -> "HeldImage":
        """Return it with its tag.

        Args:
            run: id of the run that cleaned it.
            content: bytes of the file.
            key: secret of the workspace; a plain digest would confirm a guess of what it shows.
        """
        said: list[JsonValue] = [run, self.number, self.place, self.reason, self.whole]
        head = hashlib.sha256(canonical_json(said)).digest()
        tag = hmac.digest(key, head + hashlib.sha256(content).digest(), "sha256").hex()
        return HeldImage(self.number, self.place, self.reason, self.whole, tag)


@dataclass(frozen=True)
class ReviewList:
    """What a run held back.

    Attributes:
        run: id of the run, 32 hex digits.
        images: in order.
    """

    run: str
    images: tuple[HeldImage, ...]

    def dump(self) -> bytes:
        """Return the bytes of `review.json`."""
        images: list[JsonValue] = [
            {
                "number": one.number,
                "place": one.place,
                "reason": one.reason,
                "whole": one.whole,
                "tag": one.tag,
            }
            for one in self.images
        ]
        return canonical_json({"format": _FORMAT, "run": self.run, "images": images})

    @classmethod
    def parse(cls, raw: bytes) -> "ReviewList":
        """Read `review.json`.

        Raises:
            BadReview: it is none.
        """
        try:
            value = strict_json(raw, max_bytes=_MAX_BYTES, max_depth=4, max_values=8 * MAX_FILES)
            reader = ObjectReader(value, LIST_NAME)
            if reader.text("format") != _FORMAT:
                raise reader.wrong("format", _FORMAT)
            run = reader.hex_bytes("run", size=16).hex()
            found = tuple(map(_image, reader.objects("images", maximum=MAX_FILES)))
            reader.done()
        except MalformedError as error:
            raise BadReview(error.message, hint="name the folder that deidentify wrote") from error
        return cls(run, found)

    def chosen(
        self, only: Collection[int] | None, without: Collection[int] | None
    ) -> tuple[HeldImage, ...]:
        """Return some images; exactly one of both arguments is given.

        Args:
            only: these numbers.
            without: all that the review page shows whole, but not these numbers.

        Raises:
            BadReview: a number is not in the list, or nothing is left.
        """
        named = only if without is None else without
        if named is None or (only is not None and without is not None):
            raise BadReview(
                "got no choice or more than one, expected one of --only, --except, --all",
                hint=f"look at {PAGE_NAME}, then name those without text: --only 1,3-7",
            )
        absent = set(named) - {one.number for one in self.images}
        if absent:
            raise BadReview(f"got number {min(absent)}, which {LIST_NAME} does not list")
        if without is None:
            found = tuple(one for one in self.images if one.number in named)
        else:
            found = tuple(one for one in self.images if one.whole and one.number not in named)
        if not found:
            raise BadReview(
                "no image is left that the review page shows whole",
                hint="look at the others in a viewer, then name those without text: --only 1,3-7",
            )
        return found


def _image(reader: ObjectReader) -> HeldImage:
    found = HeldImage(
        reader.integer("number", minimum=1, maximum=MAX_FILES),
        reader.text("place"),
        reader.text("reason", max_characters=_MAX_TEXT),
        reader.raw("whole") is True,
        reader.hex_bytes("tag", size=32).hex(),
    )
    reader.done()
    return found


def page_name(page: int) -> str:
    """Return the file name of a page, from 1: `review.html`, `review-2.html` …."""
    return PAGE_NAME if page == 1 else f"review-{page}.html"


def render_page(shown: Sequence[tuple[HeldImage, Picture | None]], page: int, *, more: bool) -> str:
    """Return one page as HTML that loads nothing and runs no script.

    Args:
        shown: images and what is shown of them.
        page: its number, from 1.
        more: whether another page follows.
    """
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'"
    links = [(page - 1, "the page before")] if page > 1 else []
    links += [(page + 1, "the next page")] if more else []
    return "\n".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            f"<title>Images held back, page {page}</title><style>{_STYLE}</style></head><body>",
            "<h1>Does any of these show a name, a date or a number?</h1>",
            "<p>Their attributes are cleaned and checked; their pixels are as they were. Click a "
            "picture for its full size. What is not shown whole here has to be opened in a viewer, "
            "and is released only by its number.</p>",
            *(f'<p><a href="{page_name(other)}">{text}</a></p>' for other, text in links),
            *(_section(one, picture) for one, picture in shown),
            "</body></html>",
        )
    )


def _section(one: HeldImage, picture: Picture | None) -> str:
    if picture is None:
        drawn, said = '<p class="no">cannot be shown here: open the file in a viewer</p>', ""
    else:
        data = base64.b64encode(picture.png).decode()
        drawn = f'<img tabindex="0" alt="image {one.number}" src="data:image/png;base64,{data}">'
        said = f"frame {picture.frame:,} of {picture.frames:,}" if picture.frames > 1 else ""
        said += f" at 1:{picture.step}" if picture.step > 1 else ""
    partly = "" if one.whole else " <strong>not shown whole</strong>"
    return (
        f"<section>{drawn}<p><b>{one.number}</b> {said}{partly}</p>"
        f'<p>{html.escape(one.reason)}</p><p class="soft">{html.escape(one.place)}</p></section>'
    )
