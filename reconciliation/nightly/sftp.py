"""A connection to an SFTP account: by key and known host only; one that breaks is made anew, with growing pauses.

paramiko speaks SSH. Nothing is asked of an agent, of ~/.ssh or of the terminal, and no password is ever sent.
"""

import logging
import os
import socket
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from claimloop.edi.diagnostics import UserError
from claimloop.reconciliation.configuration.nightly_settings import SftpAccount

if TYPE_CHECKING:
    from paramiko import PKey, Transport

_LONGEST_PAUSE = 60
_PORT = 22
_OTHERS = 0o077
_MOST_TOLD = 200
_UNKNOWN_HOST = "take its key from the operator, or by ssh-keyscan, compare the fingerprint, and put it there"

Sleep = Callable[[float], None]
Result = TypeVar("Result")


class Attributes(Protocol):
    """What a server says of a file; it may leave each of these out (None), but not the name."""

    filename: str
    longname: str
    st_size: int | None
    st_mtime: int | None
    st_mode: int | None


class RemoteHandle(Protocol):
    """An open file on the server."""

    def read(self, size: int) -> bytes: ...
    def write(self, content: bytes) -> None: ...
    def seek(self, offset: int) -> None: ...
    def set_pipelined(self, pipelined: bool) -> None: ...
    def close(self) -> None: ...


class Channel(Protocol):
    """What a session runs through."""

    closed: bool


class Session(Protocol):
    """What is used of paramiko's SFTPClient. A server's refusal is an OSError; `stat` of no file FileNotFoundError."""

    def listdir_attr(self, path: str) -> list[Attributes]: ...
    def stat(self, path: str) -> Attributes: ...
    def open(self, path: str, mode: str) -> RemoteHandle: ...
    def rename(self, path: str, target: str) -> None: ...
    def remove(self, path: str) -> None: ...
    def get_channel(self) -> Channel: ...


class TransportError(UserError):
    """Something could not be fetched or sent; the message names the account and the host, in one line."""


class Unreachable(TransportError):
    """No connection is to be had: what comes after this need not be tried."""


class Connection:
    """A session with an account. `attempt` does something with it, and once more where the network fails.

    `label` is the account and its host for messages; `place` tells it from other accounts on all servers.
    """

    def __init__(self, account: SftpAccount, key: "PKey", host_keys: list["PKey"], sleep: Sleep) -> None:
        self.label = _label(account)
        self.place = f"{account.user}@{account.host}:{account.port}"
        self.sleep = sleep
        self._account = account
        self._key = key
        self._host_keys = host_keys
        self._transport: Transport | None = None
        self._session: Session | None = None
        self._unreachable: Unreachable | None = None

    def open(self) -> Session:
        """The session; where there is none it is opened. Raises Unreachable after the last try, and from then on.

        Who is refused, or meets another host than he knows, does not knock again: that locks accounts.
        """
        if self._session is not None:
            return self._session
        if self._unreachable is not None:
            raise self._unreachable
        why = ""
        for tried in range(1, self._account.tries + 1):
            try:
                self._transport, self._session = _log_in(self._account, self._key, self._host_keys)
                return self._session
            except TransportError as refusal:
                why = str(refusal)
                break
            except (OSError, EOFError, _ssh_error()) as error:
                why = f"{self.label}: no connection after {_times(tried)}: {_why(error)}"
            if tried < self._account.tries:
                self.sleep(_pause(tried))
        self._unreachable = Unreachable(why)
        raise self._unreachable

    def attempt(self, doing: str, action: Callable[[Session], Result]) -> Result:
        """What `action` gives. Where the network fails it is called again, so it must find out what is done already.

        `doing` says what it does, for messages. Raises TransportError where it breaks as often as the account is to be
        tried; what the server or this machine refuses goes through as the OSError that it is.
        """
        why = ""
        for tried in range(1, self._account.tries + 1):
            session = self.open()
            try:
                return action(session)
            except (OSError, EOFError, _ssh_error(), _garbled()) as error:
                if not self.is_broken(error):
                    raise
                why = _why(error)
            self.close()
            if tried < self._account.tries:
                self.sleep(_pause(tried))
        raise TransportError(f"{self.label}: {doing}: the connection broke {_times(self._account.tries)}: {why}")

    def is_broken(self, error: Exception) -> bool:
        """True where the error is one of the network, and not the answer of the server or of this machine's disk."""
        if isinstance(error, ConnectionError | TimeoutError | EOFError) or not isinstance(error, OSError):
            return True
        if self._transport is None or self._session is None or not self._transport.is_active():
            return True
        return self._session.get_channel().closed

    def close(self) -> None:
        """Close what is open; the next attempt opens it again."""
        transport, self._transport, self._session = self._transport, None, None
        if transport is not None:
            transport.close()


@contextmanager
def connect(account: SftpAccount, environment: Mapping[str, str], sleep: Sleep) -> Iterator[Connection]:
    """A connection to the account, closed behind. The key's passphrase comes out of `environment`.

    Raises TransportError where the key or the known hosts will not do, Unreachable where the server will not (which is
    not tried again) or where there is no connection after `account.tries`. `sleep` gets the seconds between tries.
    """
    try:
        import paramiko  # noqa: F401
    except ImportError:
        raise TransportError(f"{_label(account)}: SFTP needs paramiko: pip install 'claimloop[sftp]'") from None
    # Where no logging is set up, Python would write paramiko's warnings, with their tracebacks, to stderr.
    logging.getLogger("paramiko").addHandler(logging.NullHandler())
    connection = Connection(account, _read_key(account, environment), _known_keys(account), sleep)
    try:
        connection.open()
        yield connection
    finally:
        connection.close()


@contextmanager
def opened(session: Session, path: str, mode: str) -> Iterator[RemoteHandle]:
    """A remote file, closed whatever happens. Writes that are in flight may fail only when it is closed."""
    handle = session.open(path, mode)
    try:
        yield handle
        handle.close()
    except BaseException:
        handle.set_pipelined(False)  # or it waits for answers that may never come
        with suppress(OSError, EOFError, _ssh_error(), _garbled()):
            handle.close()
        raise


def path_in(folder: str, name: str) -> str:
    """The path of a file in a remote folder."""
    return f"{folder.rstrip('/')}/{name}" if folder.strip("/") or folder.startswith("/") else name


def said(text: object) -> str:
    """Words of a server, or a name, fit for one line of a message."""
    return "".join(sign if sign.isprintable() else "?" for sign in str(text)).strip()[:_MOST_TOLD]


# One try.


def _log_in(account: SftpAccount, key: "PKey", host_keys: list["PKey"]) -> tuple["Transport", Session]:
    """A session, after the server has shown a key that is known, and ours was let in.

    This is not left to paramiko's SSHClient, which asks for a second factor on the terminal where a server wants one.
    """
    import paramiko
    from paramiko.ssh_exception import IncompatiblePeer

    seconds = account.timeout_seconds
    transport = paramiko.Transport(socket.create_connection((account.host, account.port), seconds))
    try:
        transport.banner_timeout = transport.auth_timeout = transport.channel_timeout = seconds
        options = transport.get_security_options()
        known = [kind for kind in options.key_types if any(_is_of_kind(each, kind) for each in host_keys)]
        options.key_types = known + [kind for kind in options.key_types if kind not in known]
        transport.start_client(timeout=seconds)
        shown = transport.get_remote_server_key()
        if shown not in host_keys:
            raise TransportError(
                f"{_label(account)}: the server's key {shown.fingerprint} is not the one in {account.known_hosts}; "
                "nothing was sent: ask its operator whether the key was changed"
            )
        if transport.auth_publickey(account.user, key):
            raise TransportError(f"{_label(account)}: the server wants more than the key of user {account.user}")
        session = paramiko.SFTPClient.from_transport(transport)
        session.get_channel().settimeout(seconds)
    except BaseException as error:
        answered = transport.is_active()
        transport.close()
        if isinstance(error, paramiko.BadAuthenticationType):
            raise TransportError(f"{_label(account)}: the server lets nobody in by key") from None
        if isinstance(error, paramiko.AuthenticationException):
            # Some servers hang up instead of refusing; as others lock who tries too often, that is not tried again.
            refused = "the server refuses" if answered else "the server hung up when it was shown"
            refused = f"{refused} the key {account.key} of user {account.user}"
            raise TransportError(f"{_label(account)}: {refused}") from None
        if isinstance(error, IncompatiblePeer):
            raise TransportError(f"{_label(account)}: no common cipher or kind of key: {_why(error)}") from None
        raise
    return transport, session


def _is_of_kind(key: "PKey", kind: str) -> bool:
    """True where a server that is asked for this kind of host key could show this one; an RSA key signs in two ways."""
    name = key.get_name()
    return kind.startswith("rsa-sha2-") if name == "ssh-rsa" else kind == name


def _ssh_error() -> type[Exception]:
    import paramiko

    error: type[Exception] = paramiko.SSHException
    return error


def _garbled() -> type[Exception]:
    """An answer that SFTP does not foresee."""
    import paramiko

    error: type[Exception] = paramiko.SFTPError
    return error


def _pause(tried: int) -> int:
    """Seconds before the next try: 1, 2, 4 …"""
    return min(1 << (tried - 1), _LONGEST_PAUSE)


def _times(tries: int) -> str:
    return "one try" if tries == 1 else f"{tries} tries"


def _why(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return said(text) or type(error).__name__


def _label(account: SftpAccount) -> str:
    return f"sftp {account.name} ({account.host})"


# The key and the known hosts.


def _read_key(account: SftpAccount, environment: Mapping[str, str]) -> "PKey":
    """The private key. Raises TransportError, which never has anything of the key or the passphrase in it."""
    import paramiko
    from cryptography.exceptions import UnsupportedAlgorithm

    label, path, name = _label(account), Path(account.key), account.passphrase_env
    unusable = (ValueError, TypeError, UnsupportedAlgorithm, paramiko.SSHException, paramiko.UnknownKeyType)
    try:
        status = path.stat()
        if os.name == "posix" and status.st_mode & _OTHERS and status.st_uid == os.getuid():
            mode = stat.S_IMODE(status.st_mode)
            raise TransportError(f"{label}: others can read the key {path} (mode {mode:04o}): chmod 600 it")
        try:
            return paramiko.PKey.from_path(path)
        except TypeError:  # it is protected
            if not name:
                raise TransportError(
                    f"{label}: the key {path} has a passphrase: name its environment variable as passphrase_env"
                ) from None
        if not environment.get(name):
            raise TransportError(f"{label}: the environment variable {name} with the key's passphrase is not set")
        return paramiko.PKey.from_path(path, environment[name].encode())
    except OSError as error:
        raise TransportError(f"{label}: cannot read the key {path}: {error.strerror}") from None
    except unusable:
        wrong = f", or {name} is not its passphrase" if environment.get(name) else ""
        raise TransportError(f"{label}: {path} is no private key in OpenSSH's form{wrong}") from None


def _known_keys(account: SftpAccount) -> list["PKey"]:
    """The keys that the server may show. Raises TransportError where it is not known: it is not even called then.

    The file is OpenSSH's: names, also hashed ones, a kind and a key; patterns and hosts' certificates are passed over.
    """
    import paramiko
    from paramiko.hostkeys import HostKeyEntry, InvalidHostKey

    label, path = _label(account), Path(account.known_hosts)
    host = account.host.lower() if account.port == _PORT else f"[{account.host.lower()}]:{account.port}"
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise TransportError(f"{label}: cannot read the known hosts {path}: {error.strerror}") from None
    keys, unread = [], ""
    for number, line in enumerate(lines, start=1):
        line = " ".join(line.split())
        if line.startswith("@revoked"):
            raise TransportError(f"{label}: {path}:{number}: @revoked is not understood: take the key's own line out")
        if not line or line.startswith(("#", "@")):
            continue
        try:
            entry = HostKeyEntry.from_line(line, number)
            hosts = paramiko.HostKeys()
            for known in entry.hostnames if entry else ():
                hosts.add(known if known.startswith("|") else known.lower(), entry.key.get_name(), entry.key)
            if hosts.lookup(host):
                keys.append(entry.key)
        except (InvalidHostKey, paramiko.SSHException, ValueError, IndexError):
            unread = unread or f" (line {number} cannot be read)"
    if not keys:
        raise TransportError(f"{label}: the host {host} is not in {path}{unread}: {_UNKNOWN_HOST}")
    return keys
