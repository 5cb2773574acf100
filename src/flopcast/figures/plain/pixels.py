"""An SVG as PNG, drawn in a process of its own.

The converter holds the interpreter from beginning to end, so that within a server nobody else
would be answered meanwhile; and it cannot be told to stop.
"""

import subprocess
import sys
from importlib.util import find_spec

from flopcast.errors import MissingExtra


def pixels(picture: str, scale: float, seconds: float = 20.0) -> bytes:
    """The PNG of an SVG.

    Args:
        picture: the SVG.
        scale: pixels of the PNG per px of the SVG.
        seconds: after which the process is ended.

    Raises:
        MissingExtra: without the extra ``plot``.
        TimeoutError: where it takes longer.
        RuntimeError: where it cannot be drawn, with what the converter said.
    """
    if find_spec("vl_convert") is None:
        raise MissingExtra("Drawing charts as HTML, PNG or SVG", "plot")
    command = [sys.executable, "-m", __spec__.name, str(scale)]
    try:
        done = subprocess.run(
            command, input=picture.encode(), capture_output=True, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError(f"Drawing takes longer than {seconds:g} seconds.") from None
    if done.returncode != 0:
        raise RuntimeError(f"An SVG cannot be drawn: {done.stderr.decode(errors='replace')}")
    return done.stdout


def main() -> None:
    """Reads an SVG from standard input and writes it as PNG to standard output."""
    import vl_convert

    picture = sys.stdin.buffer.read().decode()
    sys.stdout.buffer.write(vl_convert.svg_to_png(picture, scale=float(sys.argv[1])))


if __name__ == "__main__":
    main()
