"""Who is connected to: the host that is known, as the owner of the key; who is not says why in one line."""

import builtins
import socket
import threading

import asyncssh
import pytest
from paramiko import HostKeys, Transport

from claimloop.edi.diagnostics import UserError
from claimloop.reconciliation.nightly.sftp import TransportError, Unreachable, path_in, printable
from claimloop.tests.reconciliation.nightly.sftp_account import client_key


def refused(place, environment=None, **settings) -> str:
    """The one line that says why there is no connection."""
    with pytest.raises(TransportError) as raised, place.connected(environment, **settings):
        pass
    line = str(raised.value)
    assert isinstance(raised.value, UserError)
    assert line.startswith("sftp clearing (127.0.0.1): ")
    assert "\n" not in line
    return line.removeprefix("sftp clearing (127.0.0.1): ")


def test_the_owner_of_a_key_that_the_server_knows_is_let_in(place):
    with place.connected() as connection:
        assert sorted(each.filename for each in connection.open().listdir_attr(".")) == ["in", "out"]
    assert place.pauses == []


@pytest.mark.parametrize("kind", ["ssh-rsa", "ecdsa-sha2-nistp256"])
def test_other_kinds_and_forms_of_keys_are_good_too(place, kind):
    key = asyncssh.generate_private_key(kind)
    place.key.write_bytes(key.export_private_key("pkcs1-pem"))
    place.served.authorized = key.export_public_key().decode()
    with place.connected() as connection:
        assert connection.open().listdir_attr("out") == []


def test_a_key_that_the_server_does_not_know_is_refused_and_not_tried_again(place):
    place.write_key(asyncssh.generate_private_key("ssh-ed25519"))
    assert refused(place) == f"the server rejected the key {place.key} of user practice"
    assert place.served.logins == 1
    assert place.pauses == []


def test_a_host_that_is_not_known_is_not_even_called(place):
    place.known_hosts.write_text(place.served.known_hosts().replace("127.0.0.1", "sftp.example"))
    line = refused(place)
    assert line.startswith(f"the host [127.0.0.1]:{place.served.port} is not in {place.known_hosts}: ")
    assert place.served.logins == 0


def test_a_host_with_another_key_than_the_known_one_is_refused_before_anything_is_sent(place):
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    place.known_hosts.write_text(f"[127.0.0.1]:{place.served.port} {other}")
    line = refused(place)
    assert f"is not in {place.known_hosts}" in line
    assert place.served.host_key.get_fingerprint() in line
    assert place.served.logins == 0
    assert place.pauses == []


def test_a_key_of_another_kind_than_the_servers_does_not_make_it_known(place):
    other = asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_public_key().decode()
    place.known_hosts.write_text(f"[127.0.0.1]:{place.served.port} {other}")
    assert "is not in" in refused(place)


def test_each_of_several_known_keys_of_a_host_will_do(place):
    others = [asyncssh.generate_private_key(kind) for kind in ("ecdsa-sha2-nistp256", "ssh-ed25519")]
    lines = [f"[127.0.0.1]:{place.served.port} {each.export_public_key().decode()}" for each in others]
    place.known_hosts.write_text("\n".join(["# ours", "", "junk", *lines, place.served.known_hosts()]))
    with place.connected():
        pass


def test_a_hashed_name_of_a_host_is_known(place):
    hashed = HostKeys.hash_host(f"[127.0.0.1]:{place.served.port}")
    key = place.served.host_key.export_public_key().decode()
    place.known_hosts.write_text(f"{hashed} {key}")
    with place.connected():
        pass


def test_a_revoked_key_is_not_passed_over(place):
    place.known_hosts.write_text(f"{place.served.known_hosts()}\n@revoked {place.served.known_hosts()}")
    assert refused(place).startswith(f"{place.known_hosts}:3: @revoked is not supported")


def test_the_passphrase_comes_from_the_environment(place):
    place.write_key(client_key(), "open sesame")
    with place.connected({"SFTP_PASSPHRASE": "open sesame"}, passphrase_env="SFTP_PASSPHRASE"):
        pass
    named = "the environment variable SFTP_PASSPHRASE with the key's passphrase is not set"
    assert refused(place, passphrase_env="SFTP_PASSPHRASE") == named
    assert refused(place) == (f"the key {place.key} has a passphrase: set passphrase_env to its environment variable")
    line = refused(place, {"SFTP_PASSPHRASE": "open barley"}, passphrase_env="SFTP_PASSPHRASE")
    assert line.endswith("or SFTP_PASSPHRASE is not its passphrase")
    assert "barley" not in line
    assert place.served.logins == 1


def test_a_key_file_that_is_none_is_refused(place):
    place.key.write_text("not a key")
    assert refused(place) == f"{place.key} is not a private key in OpenSSH format"
    place.key.unlink()
    assert refused(place) == f"cannot read the key {place.key}: No such file or directory"


def test_a_key_that_others_can_read_is_refused(place):
    place.key.chmod(0o640)
    assert refused(place) == f"others can read the key {place.key} (mode 0640): chmod 600 it"


def test_known_hosts_that_cannot_be_read_are_named(place):
    place.known_hosts.unlink()
    assert refused(place) == f"cannot read the known hosts {place.known_hosts}: No such file or directory"


def test_a_server_that_is_down_is_tried_again_with_growing_pauses(place):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        port = taken.getsockname()[1]
        place.known_hosts.write_text(place.served.known_hosts(port))
        line = refused(place, port=port, tries=4)
    assert line == "no connection after 4 tries: Connection refused"
    assert place.pauses == [1, 2, 4]


def test_a_server_that_says_nothing_is_given_up(place):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        place.known_hosts.write_text(place.served.known_hosts(port))
        assert refused(place, port=port, tries=1, timeout_seconds=1).startswith("no connection after one try: ")


def test_no_agent_and_no_key_of_the_home_folder_is_asked(place, monkeypatch, tmp_path):
    home = tmp_path / "home" / ".ssh"
    home.mkdir(parents=True)
    (home / "id_ed25519").write_bytes(client_key().export_private_key())
    monkeypatch.setenv("HOME", str(home.parent))
    place.write_key(asyncssh.generate_private_key("ssh-ed25519"))
    assert "rejected the key" in refused(place)


def test_what_breaks_again_and_again_is_given_up_in_one_line(place):
    def break_off(session):
        place.served.cut()
        return session.listdir_attr("out")

    with place.connected() as connection, pytest.raises(TransportError) as raised:
        connection.attempt("looking", break_off)
    assert str(raised.value).startswith("sftp clearing (127.0.0.1): looking: the connection was lost after 3 tries: ")
    assert place.pauses == [1, 2]


def test_who_is_refused_when_he_comes_again_does_not_knock_for_every_file(place):
    with place.connected() as connection:
        place.served.authorized = ""
        place.served.cut()
        for _ in range(3):
            with pytest.raises(Unreachable, match="rejected the key"):
                connection.attempt("looking", lambda session: session.listdir_attr("out"))
    assert place.served.logins == 2


def test_without_the_library_the_extra_is_named(place, monkeypatch):
    real = builtins.__import__

    def missing(name, *args, **kwargs):
        if name.partition(".")[0] == "paramiko":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    assert refused(place) == "SFTP needs paramiko: pip install 'claimloop[sftp]'"


def test_paths_are_put_together_as_the_server_wants_them():
    assert path_in("out", "a") == path_in("out/", "a") == "out/a"
    assert path_in("/", "a") == "/a"
    assert path_in("", "a") == "a"


def test_what_a_server_says_is_told_in_one_line():
    assert printable("bad\r\n\x1b[31mthings\u202e") == "bad???[31mthings?"
    assert len(printable("x" * 10_000)) == 200


def test_no_connection_is_left_open(place):
    def still_open() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if isinstance(thread, Transport)]

    earlier = still_open()
    with place.connected():
        assert len(set(still_open()) - set(earlier)) == 1
    place.served.authorized = ""
    refused(place)
    for thread in still_open():
        thread.join(5)
    assert still_open() == []
