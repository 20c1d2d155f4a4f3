"""A private certificate authority, as companies have one."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_HOST = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
_SIGNING = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


class Authority:
    """A certificate authority: `certificate` is its file, `context` a server's.

    Without `extensions` its certificates lack key identifiers and key usage, as those that were made
    with a few lines of `openssl` years ago do: RFC 5280 requires them, and so does Python from 3.13 on.
    """

    def __init__(self, folder: Path, *, extensions: bool = True) -> None:
        self.certificate = folder / "authority.pem"
        self._folder = folder
        self._extensions = extensions
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("A company's own authority")
        own = self._builder(self._name, self._key.public_key())
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        if extensions:
            own = own.add_extension(_SIGNING, critical=True)
        self._write(self.certificate, own)

    def context(self) -> ssl.SSLContext:
        """Return the TLS context of a server on loopback."""
        key = ec.generate_private_key(ec.SECP256R1())
        paths = self._folder / "server.pem", self._folder / "server.key"
        server = self._builder(_name("127.0.0.1"), key.public_key())
        server = server.add_extension(x509.SubjectAlternativeName([_HOST]), critical=False)
        self._write(paths[0], server)
        paths[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*paths)
        return context

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
        )
        if not self._extensions:
            return builder
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(key), critical=False
        ).add_extension(issuer, critical=False)

    def _write(self, path: Path, builder: x509.CertificateBuilder) -> None:
        certificate = builder.sign(self._key, hashes.SHA256())
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
