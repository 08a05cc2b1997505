"""An SFTP server on this machine, of another implementation (asyncssh) than the client's: it takes orders from the tests.

It can break its connections anywhere, take files away, show names that no decent server has, and count what it does.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncssh

Hook = Callable[["Served", str, int], None]


class Served:
    """What the server serves and did. `hook` is called with (self, what, how much) before and after each event:
    `read` and `written` with the bytes so far, `renaming` and `renamed`; it may call `cut`, or kill the client.
    """

    def __init__(self) -> None:
        self.port = 0
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.loop = asyncio.new_event_loop()
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self.reset(Path("/nonexistent"), "")

    def reset(self, folder: Path, authorized: str) -> None:
        """Serve this folder to the owners of these keys."""
        self.folder = folder
        self.authorized = authorized
        self.hook: Hook = lambda *_: None
        self.takes_away = False
        self.names: list[bytes] = []
        self.unreadable = False
        self.refuses_rename = False
        self.read = self.written = self.logins = 0
        self.received: list[tuple[str, bytes]] = []
        """Name and content of each file at the moment when it got its name."""
        self.removed: list[str] = []

    def cut(self) -> None:
        """Break the connections, as a network does."""
        if threading.current_thread() is threading.main_thread():
            self.loop.call_soon_threadsafe(self.cut_here)
        else:
            self.cut_here()

    def cut_here(self) -> None:
        """The same, from the server's own thread: at once."""
        for connection in list(self.connections):
            connection.abort()

    def known_hosts(self, port: int = 0) -> str:
        """The line of it for a file of known hosts."""
        return f"[127.0.0.1]:{port or self.port} {self.host_key.export_public_key().decode()}"


class _Server(asyncssh.SSHServer):
    def __init__(self, served: Served) -> None:
        self._served = served

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._served.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        self._served.connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        self._served.logins += 1
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return key.export_public_key().decode().split()[1] in self._served.authorized


class _Session(asyncssh.SFTPServer):
    def __init__(self, channel: Any, served: Served) -> None:
        super().__init__(channel, chroot=str(served.folder).encode())
        self._served = served

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> Any:
        if self._served.unreadable and pflags & asyncssh.FXF_READ:
            raise asyncssh.SFTPPermissionDenied("for writing only")
        return super().open(path, pflags, attrs)

    def read(self, file_obj: object, offset: int, size: int) -> Any:
        self._served.hook(self._served, "read", self._served.read)
        content: Any = super().read(file_obj, offset, size)
        self._served.read += len(content)
        return content

    def write(self, file_obj: object, offset: int, data: bytes) -> Any:
        self._served.hook(self._served, "written", self._served.written)
        self._served.written += len(data)
        return super().write(file_obj, offset, data)

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        if self._served.refuses_rename:
            raise asyncssh.SFTPPermissionDenied("not here")
        self._served.hook(self._served, "renaming", 0)
        super().rename(oldpath, newpath)
        path = Path(self.map_path(newpath).decode())
        self._served.received.append((path.name, path.read_bytes()))
        if self._served.takes_away:
            path.unlink()
        self._served.hook(self._served, "renamed", 0)

    def remove(self, path: bytes) -> Any:
        self._served.removed.append(path.decode())
        return super().remove(path)

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        async for name in super().scandir(path):
            yield name
        for each in self._served.names:
            yield asyncssh.SFTPName(each, attrs=asyncssh.SFTPAttrs(permissions=0o100644, size=4, mtime=1_700_000_000))


@contextmanager
def running() -> Iterator[Served]:
    """A server on a free port of this machine, in a thread of its own."""
    served = Served()
    with _turning(served.loop) as call:

        async def listen() -> asyncssh.SSHAcceptor:
            return await asyncssh.listen(
                "127.0.0.1", 0, server_host_keys=[served.host_key], server_factory=lambda: _Server(served),
                sftp_factory=lambda channel: _Session(channel, served), config=None,
            )  # fmt: skip

        async def close() -> None:
            listener.close()
            await listener.wait_closed()
            while served.connections:
                for connection in list(served.connections):
                    connection.abort()
                await asyncio.sleep(0.01)

        listener = call(listen())
        served.port = listener.get_port()
        try:
            yield served
        finally:
            call(close())


@contextmanager
def cutting_wire(port: int, after: int) -> Iterator[int]:
    """A port that leads to another one of this machine, and cuts its first connection after so many bytes."""
    left = [after]
    ends: list[asyncio.StreamWriter] = []

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter, first: bool) -> None:
        while piece := await source.read(1024):
            if first:
                left[0] -= len(piece)
                if left[0] < 0:
                    return
            target.write(piece)
            await target.drain()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = not ends
        ends.append(writer)
        there, back = await asyncio.open_connection("127.0.0.1", port)
        ends.append(back)
        ways = (reader, back), (there, writer)
        pumps = [asyncio.ensure_future(pump(source, target, first)) for source, target in ways]
        _, rest = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        for each in rest:
            each.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
        for end in (writer, back):
            end.transport.abort()

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(carry, "127.0.0.1", 0)

    async def close() -> None:
        server.close()
        for end in ends:
            end.transport.abort()
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}), return_exceptions=True)

    with _turning(asyncio.new_event_loop()) as call:
        server = call(listen())
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            call(close())


@contextmanager
def _turning(loop: asyncio.AbstractEventLoop) -> Iterator[Callable[..., Any]]:
    """A loop in a thread; what is given calls a coroutine in it and waits."""
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
