"""Reads a C2PA manifest in a process of its own; what it reads, it prints as JSON.

The library that parses the manifest is native code, and the manifest may be made to harm it: a
crash or an endless loop ends this process only, and the memory it may take is bounded. Nothing is
fetched: no remote manifest, no list of trusted certificates, no state of revocation.
"""

from __future__ import annotations

import io
import json
import sys
from contextlib import suppress
from typing import Any, Final

MEMORY: Final = 4 << 30
"""Address space of the process, in bytes, where the system can bound it."""
OFFLINE: Final = {
    "core": {"allowed_network_hosts": [], "decode_identity_assertions": False},
    "verify": {
        "verify_trust": False,
        "verify_timestamp_trust": False,
        "remote_manifest_fetch": False,
        "ocsp_fetch": False,
    },
}
"""Settings of the library."""


def read_manifest(data: bytes, mime: str) -> dict[str, Any]:
    """What the library says of a file: {"store": ...}, {"error": ...}, {"none": true}.

    Args:
        data: of the file.
        mime: its media type; "" lets the library find out.
    """
    import c2pa

    try:
        context = c2pa.Context.from_dict(OFFLINE)
        with c2pa.Reader(mime or None, io.BytesIO(data), context=context) as reader:
            return {"store": json.loads(reader.json())}
    except c2pa.C2paError.ManifestNotFound:
        return {"none": True}
    except Exception as error:  # the library raises kinds of its own for each damage
        return {"error": " ".join(f"{error}".split())[:500], "kind": type(error).__name__}


def main() -> None:
    """Read the file from standard input; its media type is the only argument."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    found = read_manifest(sys.stdin.buffer.read(), sys.argv[-1])
    sys.stdout.write(json.dumps(found))
