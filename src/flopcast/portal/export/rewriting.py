"""Rewrites a page for a static copy: links point to files, forms become a note."""

import os
from collections.abc import Callable, Sequence
from html import escape
from html.parser import HTMLParser
from pathlib import PurePosixPath
from typing import Final, final

Variants = Sequence[tuple[str, Sequence[tuple[str, str]]]]
_LINKS: Final = {"href", "src", "content", "data-module", "data-specification"}
_NOTE: Final = (
    '<p class="aside">This is a static copy: what is asked by a form needs the live portal.</p>'
)
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"
)


@final
class Page(HTMLParser):
    """One page, read and written again without its forms; ``found`` are the links within the site.

    Args:
        here: the page's file.
        place: gives the file of an address of the site, None where the copy has none.
        variants: views with one option changed, by option: (label, address) of each value; they
            stand where the page's first form was.
        base: scheme, host and root of the live site, as absolute links of it begin; or "".
        root: the path under which the live site lies.
    """

    def __init__(
        self,
        here: str,
        place: Callable[[str], str | None],
        *,
        variants: Variants = (),
        base: str = "",
        root: str = "",
    ) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._here = here
        self._place = place
        self._variants = variants
        self._base = base
        self._root = root
        self._out: list[str] = []
        self._in_form = False
        self._noted = False

    def written(self, text: str) -> str:
        """The page for the copy."""
        self.feed(text)
        self.close()
        return "".join(self._out)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag with its links rewritten."""
        self._start(tag, attrs, "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag that closes itself."""
        self._start(tag, attrs, "/")

    def _start(self, tag: str, attrs: list[tuple[str, str | None]], end: str) -> None:
        if tag == "form":
            self._in_form = True
            self._stand_in(dict(attrs))
        if self._in_form:
            return
        if tag == "meta" and dict(attrs).get("name") == "viewport":
            self._out.append(
                f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
            )
        if not self._base and _is_absolute(tag, dict(attrs)):
            return
        kept = [pair for name, value in attrs for pair in self._attribute(tag, name, value)]
        words = "".join(f" {n}" if v is None else f' {n}="{escape(v)}"' for n, v in kept)
        self._out.append(f"<{tag}{words}{end}>")

    def _attribute(self, tag: str, name: str, value: str | None) -> list[tuple[str, str | None]]:
        if name.rpartition(":")[2] not in _LINKS or value is None:
            return [(name, value)]
        address = self._inside(value)
        if address is None or (name == "content" and not self._base):
            return [(name, value)]
        page, _, anchor = address.partition("#")
        file = self._place(page)
        if file is None:
            return [("title", "Not in this copy")] if tag == "a" else []
        self.found.append(page)
        mark = f"#{anchor}" if anchor else ""
        if value.startswith(("http://", "https://")):
            return [(name, f"{self._base}/{_without_index(file)}{mark}")]
        return [(name, relative(file, self._here) + mark)]

    def _stand_in(self, form: dict[str, str | None]) -> None:
        """What stands where a form was: for the first question of a page, its answers as links."""
        if form.get("role") != "search" and not self._noted:
            self._out.append(_NOTE + self._listed())
            self._noted = True

    def _listed(self) -> str:
        """The views with one option changed as links, by option."""
        parts = []
        for option, values in self._variants:
            links = []
            for label, address in values:
                file = self._place(address)
                if file is not None:
                    self.found.append(address)
                    href = escape(relative(file, self._here))
                    links.append(f'<a href="{href}">{escape(label)}</a>')
            if links:
                parts.append(f"<li>{escape(option)}: {', '.join(links)}</li>")
        return f"<ul>{''.join(parts)}</ul>" if parts else ""

    def _inside(self, value: str) -> str | None:
        """The address within the site that a link holds; None for a link elsewhere."""
        if self._base and value.startswith(self._base):
            return value.removeprefix(self._base) or "/"
        if value.startswith("/") and not value.startswith("//"):
            return value.removeprefix(self._root) or "/"
        return None

    def handle_endtag(self, tag: str) -> None:
        """The end of a tag."""
        self._keep(f"</{tag}>")
        if tag == "form":
            self._in_form = False

    def handle_data(self, data: str) -> None:
        """Text as it is."""
        self._keep(data)

    def handle_entityref(self, name: str) -> None:
        """A named character as it is."""
        self._keep(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """A numbered character as it is."""
        self._keep(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        """The document type."""
        self._keep(f"<!{decl}>")

    def _keep(self, text: str) -> None:
        if not self._in_form:
            self._out.append(text)


def _is_absolute(tag: str, attrs: dict[str, str | None]) -> bool:
    """Whether a tag is of use only with an address that begins with a host."""
    if tag == "link":
        return attrs.get("rel") == "canonical"
    return tag == "meta" and attrs.get("property") in ("og:url", "og:image")


def relative(file: str, here: str) -> str:
    """The way from one file of the copy to another, which works under any address."""
    return os.path.relpath(file, PurePosixPath(here).parent).replace(os.sep, "/")


def _without_index(file: str) -> str:
    return file.removesuffix("index.html")
