"""Servers on loopback and an authority that signs their certificates."""

import datetime
import ipaddress
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from config import processes, tls

DAY = datetime.timedelta(days=1)


@dataclass
class Authority:
    """Signs certificates for this machine, and writes all it makes into a folder."""

    folder: Path
    name: str = "test CA"

    def __post_init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        made = self._builder(self.subject, self.key, days=2).add_extension(x509.BasicConstraints(True, None), True)
        self.file = self._write("ca.pem", made.sign(self.key, hashes.SHA256()))

    def issue(self, name: str, *, hosts: tuple[str, ...] = ("localhost", "127.0.0.1"), days: int = 2) -> tls.Identity:
        """days: until it ends; negative for one that has ended."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), key, days)
        made = made.add_extension(x509.SubjectAlternativeName([_general(host) for host in hosts]), False)
        made = made.add_extension(x509.BasicConstraints(False, None), True)
        certificate = self._write(f"{name}.pem", made.sign(self.key, hashes.SHA256()))
        key_file = self.folder / f"{name}-key.pem"
        key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return tls.Identity(str(certificate), str(key_file))

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, days: int) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 10 * DAY)
            .not_valid_after(now + days * DAY)
        )

    def _write(self, name: str, certificate: x509.Certificate) -> Path:
        file = self.folder / name
        file.write_bytes(certificate.public_bytes(Encoding.PEM))
        return file


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(argv: list[str], port: int, log: Path) -> Iterator[None]:
    """A server, from when it listens."""
    with log.open("wb") as output:
        process = processes.launch(argv, output=output)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        else:
            raise TimeoutError(log.read_text())
        yield
    finally:
        processes.end(process, 15, 10)


def s_client(port: int, *options: str) -> subprocess.CompletedProcess[str]:
    argv = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options]
    return subprocess.run(argv, input="", capture_output=True, text=True, errors="replace", timeout=30)


@contextmanager
def speaking(
    context: ssl.SSLContext,
    talk: Callable[[ssl.SSLSocket], None],
    before: Callable[[socket.socket], None] = lambda connection: None,
) -> Iterator[int]:
    """A TLS server in a thread; `talk` has each connection once hands are shaken. Yields its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                before(connection)
                with context.wrap_socket(connection, server_side=True) as wrapped:
                    talk(wrapped)
            except OSError:
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
