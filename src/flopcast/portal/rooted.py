"""A site that lies in a folder of its host: routes see paths from the site's own root on."""

from typing import final

from starlette.types import ASGIApp, Receive, Scope, Send


@final
class Rooted:
    """Takes the folder off a path, whether or not a proxy has done so already."""

    def __init__(self, app: ASGIApp, root: str) -> None:
        self.app = app
        self.root = root

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on."""
        path: str = scope.get("path", "")
        if self.root and path.startswith(f"{self.root}/"):
            rest = path.removeprefix(self.root)
            scope = {**scope, "path": rest, "raw_path": rest.encode()}
        await self.app(scope, receive, send)
