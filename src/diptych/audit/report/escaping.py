"""Text of hostile sources in reports: nothing in it can drive a browser or call a person."""

import html
from typing import Final

from diptych.provenance.graph.wording import visible

__all__ = ["code", "markup", "words"]

_TAB: Final = "    "
_MARKDOWN: Final = {ord(each): f"&#{ord(each)};" for each in "@#|*_[]`~\\!$"}


def markup(text: str) -> str:
    r"""Return text for HTML and XML; what cannot be seen stands as its code point.

    >>> markup("<b>\u202e")
    '&lt;b&gt;\\u202e'
    """
    plain = text.replace("\t", _TAB)
    if not (plain.isascii() and plain.isprintable()):
        plain = visible(plain)
    return html.escape(plain, quote=True)


def words(text: str) -> str:
    """Return text for Markdown: it formats nothing, links nothing and mentions nobody.

    >>> words("@all <img> a|b")
    '&#64;all &lt;img&gt; a&#124;b'
    """
    plain = html.escape(visible(text.replace("\n", " ")), quote=False).translate(_MARKDOWN)
    return plain.replace("://", "&#58;//").replace("www.", "www&#46;")


def code(text: str) -> str:
    """Return text as code for Markdown; a fence could be closed by the text, an element cannot."""
    return f"<code>{words(text)}</code>"
