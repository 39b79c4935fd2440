"""The configurations of docs/proxies.md, each run by its own program on a free port of this machine."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.integration.search.instance import free_port

_TEXT: Final = (Path(__file__).parents[2] / "docs/proxies.md").read_text(encoding="utf-8")
BLOCKS: Final = dict(re.findall(r"<!-- (.+?) -->\n```\w+\n(.*?)```", _TEXT, re.DOTALL))
"""The configurations by the comments that stand before them; the first word of each is its program."""
_PORT: Final = re.compile(r"(listen |\*:|bind :|^:)(?:80|443)\b", re.MULTILINE)
_MODULES: Final = ("mpm_event", "authz_core", "proxy", "proxy_http", "ssl", "socache_shmcb")
_TEMPORARY: Final = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_LATE_S: Final = 20.0


@contextmanager
def running(name: str, upstream: int, folder: Path) -> Iterator[str]:
    """Run a configuration in front of a port of this machine; gives its address. `folder` has the certificate."""
    port = free_port()
    configuration = folder / f"{name}.conf"
    text = _PORT.sub(lambda found: _listening(found[1]) + str(port), BLOCKS[name])
    text = re.sub(r"/etc/ssl/\w+/", f"{folder}/", re.sub(r"127\.0\.0\.1:80[89]0", f"127.0.0.1:{upstream}", text))
    configuration.write_text(_whole(name, text, folder, port), encoding="utf-8")
    process = subprocess.Popen(_command(name, configuration), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        _wait(process, port)
        yield f"{'https' if 'TLS' in name else 'http'}://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate()


def certify(folder: Path) -> None:
    """Write a certificate of this machine with its key, in two files and in one."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    pem = made.sign(key, SHA256()).public_bytes(Encoding.PEM)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for file, content in (("papers.pem", pem), ("papers.key", private), ("papers-both.pem", pem + private)):
        (folder / file).write_bytes(content)


def _listening(before: str) -> str:
    """Return how a configuration listens on this machine only."""
    return {"listen ": "listen 127.0.0.1:", "*:": "127.0.0.1:", "bind :": "bind 127.0.0.1:"}.get(before, before)


def _whole(name: str, text: str, folder: Path, port: int) -> str:
    """Add what stands around a block in the files of its program, and what lets it run without rights."""
    if name.startswith("nginx"):
        own = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in _TEMPORARY)
        return f"daemon off; pid {folder}/{port}.pid;\nevents {{}}\nhttp {{\naccess_log off;\n{own}{text}}}\n"
    if name.startswith("apache"):
        loaded = "\n".join(f"LoadModule {one}_module /usr/lib/apache2/modules/mod_{one}.so" for one in _MODULES)
        own = f"ServerRoot {folder}\nServerName localhost\nPidFile {folder}/{port}.pid\nErrorLog /dev/stderr\n"
        return f"{own}{loaded}\nUser www-data\nGroup www-data\nListen 127.0.0.1:{port}\n{text}"
    return f"{{\nadmin off\nauto_https off\ndefault_bind 127.0.0.1\n}}\n{text}" if name.startswith("caddy") else text


def _command(name: str, file: Path) -> Sequence[str]:
    program = name.split(maxsplit=1)[0].replace("apache", "apache2")
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"the tests of docs/proxies.md need {program}: install it")
        pytest.skip(f"NO PROXY: the tests of docs/proxies.md need {program}, and none was found")
    options = {
        "nginx": ("-e", "stderr", "-c", str(file)),
        "apache2": ("-DFOREGROUND", "-f", str(file)),
        "haproxy": ("-f", str(file)),
        "caddy": ("run", "--adapter", "caddyfile", "--config", str(file)),
    }
    return (found, *options[program])


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    """Wait until a program listens; fail with what it said if it ends."""
    late = time.monotonic() + _LATE_S
    while time.monotonic() < late:
        if process.poll() is not None:
            pytest.fail(f"it ended: {process.communicate()[1].decode()}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    pytest.fail(f"it did not listen within {_LATE_S} s")
