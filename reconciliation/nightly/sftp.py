"""Connect to an SFTP account with a key and a known host only; reconnect after a failure, with growing pauses.

paramiko provides SSH. It uses no agent, no file of ~/.ssh, and no terminal, and it never sends a password.
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
_LONGEST_TEXT = 200
_UNKNOWN_HOST = "get its key from the operator or with ssh-keyscan, compare the fingerprint, and add it there"

Sleep = Callable[[float], None]
Result = TypeVar("Result")


class Attributes(Protocol):
    """A server's attributes of a file; each may be missing (None) except the name."""

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
    """The channel of a session."""

    closed: bool


class Session(Protocol):
    """The part of paramiko's SFTPClient in use. A server's error is an OSError; `stat` may raise FileNotFoundError."""

    def listdir_attr(self, path: str) -> list[Attributes]: ...
    def stat(self, path: str) -> Attributes: ...
    def open(self, path: str, mode: str) -> RemoteHandle: ...
    def rename(self, path: str, target: str) -> None: ...
    def remove(self, path: str) -> None: ...
    def get_channel(self) -> Channel: ...


class TransportError(UserError):
    """A transfer failed; the message names the account and the host in one line."""


class Unreachable(TransportError):
    """The server cannot be reached, so further transfers need not be tried."""


class Connection:
    """A session with an account. `attempt` runs an action with it, and repeats it if the network fails.

    `label` is the account and its host for messages; `place` identifies the account among all servers.
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
        """Return the session; open it if there is none. Raises Unreachable after the last try, and from then on.

        After a rejected login or an unknown host key there is no further try, because that can lock an account.
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
            except TransportError as error:
                why = str(error)
                break
            except (OSError, EOFError, _ssh_error()) as error:
                why = f"{self.label}: no connection after {_times(tried)}: {_why(error)}"
            if tried < self._account.tries:
                self.sleep(_pause(tried))
        self._unreachable = Unreachable(why)
        raise self._unreachable

    def attempt(self, doing: str, action: Callable[[Session], Result]) -> Result:
        """Return the result of `action`. If the network fails, call it again; it must find out what is already done.

        `doing` describes it in messages. Raises TransportError after the account's number of tries. An error of the
        server or of this machine is raised unchanged as OSError.
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
        raise TransportError(
            f"{self.label}: {doing}: the connection was lost after {_times(self._account.tries)}: {why}"
        )

    def is_broken(self, error: Exception) -> bool:
        """Return true for an error of the network, false for an answer of the server or an error of the local disk."""
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
    """Connect to the account, and disconnect at the end. The key's passphrase is in `environment`.

    Raises TransportError if the key or the known hosts cannot be used. Raises Unreachable if the server rejects the
    login, which is not tried again, or if there is no connection after `account.tries`. `sleep` is called with the
    seconds between tries.
    """
    try:
        import paramiko  # noqa: F401
    except ImportError:
        raise TransportError(f"{_label(account)}: SFTP needs paramiko: pip install 'claimloop[sftp]'") from None
    # Without this, Python writes paramiko's warnings, with tracebacks, to stderr if no logging is configured.
    logging.getLogger("paramiko").addHandler(logging.NullHandler())
    connection = Connection(account, _read_key(account, environment), _known_keys(account), sleep)
    try:
        connection.open()
        yield connection
    finally:
        connection.close()


@contextmanager
def opened(session: Session, path: str, mode: str) -> Iterator[RemoteHandle]:
    """Open a remote file, and close it in every case. Pipelined writes may fail only when it is closed."""
    handle = session.open(path, mode)
    try:
        yield handle
        handle.close()
    except BaseException:
        handle.set_pipelined(False)  # otherwise close waits for answers that may never arrive
        with suppress(OSError, EOFError, _ssh_error(), _garbled()):
            handle.close()
        raise


def path_in(folder: str, name: str) -> str:
    """Return the path of a file in a remote folder."""
    return f"{folder.rstrip('/')}/{name}" if folder.strip("/") or folder.startswith("/") else name


def printable(text: object) -> str:
    """Return a server's text, or a name, in printable characters for one line of a message."""
    return "".join(each if each.isprintable() else "?" for each in str(text)).strip()[:_LONGEST_TEXT]


# One try.


def _log_in(account: SftpAccount, key: "PKey", host_keys: list["PKey"]) -> tuple["Transport", Session]:
    """Open a session after the server presented a known host key and accepted our key.

    paramiko's SSHClient is not used because it asks for a second factor on the terminal if a server requires one.
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
                f"{_label(account)}: the server's key {shown.fingerprint} is not in {account.known_hosts}; nothing was "
                "sent: ask its operator whether the key was changed"
            )
        if transport.auth_publickey(account.user, key):
            raise TransportError(f"{_label(account)}: the server requires more than the key of user {account.user}")
        session = paramiko.SFTPClient.from_transport(transport)
        session.get_channel().settimeout(seconds)
    except BaseException as error:
        answered = transport.is_active()
        transport.close()
        if isinstance(error, paramiko.BadAuthenticationType):
            raise TransportError(f"{_label(account)}: the server does not allow login with a key") from None
        if isinstance(error, paramiko.AuthenticationException):
            # Some servers disconnect instead of rejecting. Others lock an account after many tries, so do not retry.
            did = "rejected" if answered else "disconnected when it was shown"
            raise TransportError(
                f"{_label(account)}: the server {did} the key {account.key} of user {account.user}"
            ) from None
        if isinstance(error, IncompatiblePeer):
            raise TransportError(f"{_label(account)}: no common cipher or key type: {_why(error)}") from None
        raise
    return transport, session


def _is_of_kind(key: "PKey", kind: str) -> bool:
    """Return true if a server that is asked for this type of host key can present this key; RSA has two signatures."""
    name = key.get_name()
    return kind.startswith("rsa-sha2-") if name == "ssh-rsa" else kind == name


def _ssh_error() -> type[Exception]:
    import paramiko

    error: type[Exception] = paramiko.SSHException
    return error


def _garbled() -> type[Exception]:
    """Return paramiko's error for an invalid SFTP answer."""
    import paramiko

    error: type[Exception] = paramiko.SFTPError
    return error


def _pause(tried: int) -> int:
    """Return the seconds before the next try: 1, 2, 4 …"""
    return min(1 << (tried - 1), _LONGEST_PAUSE)


def _times(tries: int) -> str:
    return "one try" if tries == 1 else f"{tries} tries"


def _why(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return printable(text) or type(error).__name__


def _label(account: SftpAccount) -> str:
    return f"sftp {account.name} ({account.host})"


# The key and the known hosts.


def _read_key(account: SftpAccount, environment: Mapping[str, str]) -> "PKey":
    """Read the private key. Raises TransportError, which never contains any part of the key or the passphrase."""
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
        except TypeError:  # it has a passphrase
            if not name:
                raise TransportError(
                    f"{label}: the key {path} has a passphrase: set passphrase_env to its environment variable"
                ) from None
        if not environment.get(name):
            raise TransportError(f"{label}: the environment variable {name} with the key's passphrase is not set")
        return paramiko.PKey.from_path(path, environment[name].encode())
    except OSError as error:
        raise TransportError(f"{label}: cannot read the key {path}: {error.strerror}") from None
    except unusable:
        wrong = f", or {name} is not its passphrase" if environment.get(name) else ""
        raise TransportError(f"{label}: {path} is not a private key in OpenSSH format{wrong}") from None


def _known_keys(account: SftpAccount) -> list["PKey"]:
    """Return the host keys that the server may present. Raises TransportError if there is none, before connecting.

    The file has OpenSSH's format: names, which may be hashed, a key type, and a key. Patterns and host certificates are
    skipped.
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
            raise TransportError(
                f"{label}: {path}:{number}: @revoked is not supported: remove the line of the key itself"
            )
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
