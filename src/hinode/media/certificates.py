"""Create the certificates that sign rendered files: an authority and a leaf, once.

C2PA requires a chain: a single self-signed certificate is rejected.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_VALID = timedelta(days=3650)


def make_chain() -> tuple[bytes, bytes, bytes]:
    """Make an authority and a certificate of it; return chain (leaf first), key, authority, as PEM.

    The authority's key is dropped after it signed the certificate.
    """
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority_name = _name("Hinode local authority")
    authority = _builder(authority_name, authority_name, authority_key.public_key())
    authority_cert = _with_usage(authority, authority_key.public_key(), authority_key, ca=True)
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = _builder(_name("Hinode"), authority_name, key.public_key())
    leaf_cert = _with_usage(leaf, key.public_key(), authority_key, ca=False)
    pem = serialization.Encoding.PEM
    return (
        leaf_cert.public_bytes(pem) + authority_cert.public_bytes(pem),
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        authority_cert.public_bytes(pem),
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Hinode"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _VALID)
    )


def _with_usage(
    builder: x509.CertificateBuilder,
    key: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    ca: bool,
) -> x509.Certificate:
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    builder = builder.add_extension(
        x509.KeyUsage(
            digital_signature=not ca,
            key_cert_sign=ca,
            crl_sign=ca,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        ),
        critical=True,
    )
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
    )
    if not ca:
        # C2PA's profile requires one of a few extended key usages; this is the usual one.
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(usage, critical=False)
    return builder.sign(signer, hashes.SHA256())
