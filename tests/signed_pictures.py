"""Pictures with a C2PA manifest, signed with certificates that are made for a test."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SIGNER = "A <b>test</b> signer"


@cache
def _credentials() -> tuple[bytes, bytes]:
    """A chain of two certificates, and the key of the first."""
    now = datetime.now(UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [
        x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, name),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Test organisation"),
            ]
        )
        for name in ("Test root", SIGNER)
    ]
    chain = []
    for name, key, root in zip(names, keys, (True, False), strict=True):
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(names[0])
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .add_extension(x509.BasicConstraints(root, None), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key()),
                critical=False,
            )
            .add_extension(
                x509.KeyUsage(
                    digital_signature=not root,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    key_cert_sign=root,
                    crl_sign=root,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
        )
        if not root:
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
            builder = builder.add_extension(usage, critical=False)
        chain.append(builder.sign(keys[0], hashes.SHA256()))
    pem = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in reversed(chain))
    key = keys[1].private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pem, key


def signed(
    data: bytes,
    mime: str,
    *,
    source_type: str = "trainedAlgorithmicMedia",
    remote: str = "",
    agent: str = "A generator",
    ingredient: bytes = b"",
) -> bytes:
    """The file with a manifest; or with the address of one, if `remote` is given."""
    action: dict[str, Any] = {"action": "c2pa.created", "softwareAgent": agent}
    action["digitalSourceType"] = SOURCE_TYPE + source_type
    manifest = {
        "claim_generator_info": [{"name": "Test tool", "version": "1.5"}],
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [action]}}],
    }
    chain, key = _credentials()
    builder = c2pa.Builder(json.dumps(manifest))
    if remote:
        builder.set_remote_url(remote)
        builder.set_no_embed()
    if ingredient:
        source = {"title": "source", "relationship": "componentOf"}
        builder.add_ingredient(json.dumps(source), mime, io.BytesIO(ingredient))
    signer = c2pa.Signer.from_info(c2pa.C2paSignerInfo(b"es256", chain, key, None))
    result = io.BytesIO()
    builder.sign(signer, mime, io.BytesIO(data), result)
    return result.getvalue()
