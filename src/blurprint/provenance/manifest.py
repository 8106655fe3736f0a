"""Content Credentials: a C2PA manifest in the file, read and checked without a network."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import PurePosixPath
from typing import Any, Final

from blurprint.frozen import frozen
from blurprint.provenance.provenance import (
    FOUND,
    NONE,
    NOT_LOOKED_AT,
    UNKNOWN,
    ProvenanceRow,
    Subject,
)
from blurprint.provenance.source_type import source_type_in_words
from blurprint.provenance.text import listed, plain, quoted

TIMEOUT_S: Final = 20.0
"""Longest that reading a manifest may take, in seconds."""
NOT_INSTALLED: Final = "Not looked at: install blurprint[provenance]."

MANIFEST: Final = Subject(
    "manifest",
    "Signed manifest (C2PA)",
    "A manifest is a list of statements about a picture, signed by whoever made or edited it. "
    "Valid: the bytes that were signed are unchanged. Partial: only some of the manifest, "
    "or of those of its sources, is here or can be confirmed. Invalid: the file or the manifest "
    "was changed after signing, or the signature fails.",
    "A valid manifest does not mean that its statements are true, nor that the signer is who the "
    "certificate says: it was not checked against a trust list. An invalid one does not mean that "
    "the picture was manipulated: saving the file again, as many services do, is enough. Most "
    "files have none, and none says nothing.",
)
_REASONS: Final[Mapping[str, str]] = frozen(
    {
        "assertion.dataHash.mismatch": "the file's bytes are not those that were signed",
        "assertion.boxesHash.mismatch": "the file's bytes are not those that were signed",
        "assertion.bmffHash.mismatch": "the file's bytes are not those that were signed",
        "assertion.hashedURI.mismatch": "a statement was changed after signing",
        "assertion.missing": "a statement is missing",
        "assertion.undeclared": "a statement was added after signing",
        "claimSignature.mismatch": "the signature does not fit what it signs",
        "claimSignature.missing": "the signature is missing",
        "claimSignature.outsideValidity": "signed when the certificate was not valid",
        "claim.hardBindings.missing": "nothing ties the manifest to this file",
        "ingredient.manifest.mismatch": "the manifest of a source was changed",
        "ingredient.manifest.missing": "the manifest of a source is missing",
        "signingCredential.untrusted": "the signer's certificate is not trusted",
        "signingCredential.expired": "the signer's certificate has expired",
        "signingCredential.invalid": "the signer's certificate may not sign manifests",
        "signingCredential.ocsp.revoked": "the signer's certificate was revoked",
        "timeStamp.mismatch": "the time stamp does not fit the signature",
        "timeStamp.malformed": "the time stamp cannot be read",
        "timeStamp.outsideValidity": "the time stamp is outside its certificate's validity",
    }
)
"""Codes of the C2PA specification, in words."""


def manifest_row(data: bytes, mime: str, *, remote: str = "") -> ProvenanceRow:
    """What the file's manifest says, and whether it holds.

    Args:
        data: of the file.
        mime: its media type; "" if unknown.
        remote: address of a manifest elsewhere that the file's XMP names; "" if none.
    """
    if not _may_hold_one(data) and not remote:
        return _none()
    if find_spec("c2pa") is None:
        holds = "The file seems to hold a manifest, or to name one."
        return MANIFEST.row(NOT_LOOKED_AT, f"{holds} {NOT_INSTALLED}")
    return _judged(_read_apart(data, mime), remote, embedded=_may_hold_one(data))


def _may_hold_one(data: bytes) -> bool:
    """Whether there are marks of a manifest: a JUMBF box, and the name of C2PA's store."""
    return b"jumb" in data and b"c2pa" in data


def _read_apart(data: bytes, mime: str) -> dict[str, Any]:
    """What :mod:`blurprint.provenance.c2pa_child` says, from a process of its own."""
    code = (
        f"import sys; sys.path[:] = {sys.path!r}; "
        "from blurprint.provenance.c2pa_child import main; main()"
    )
    try:
        done = subprocess.run(
            [sys.executable, "-S", "-c", code, mime],
            input=data,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        read = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return {"failed": f"reading it took longer than {TIMEOUT_S:g} seconds"}
    except OSError as error:
        return {"failed": f"no process could be started ({plain(error)})"}
    except (ValueError, RecursionError):
        return {"failed": "the process that read it ended early"}
    return read if isinstance(read, dict) else {"failed": "the answer cannot be read"}


def _none() -> ProvenanceRow:
    return MANIFEST.row(
        NONE, "The file holds no manifest. This is so of most files.", {"state": "none"}
    )


def _judged(read: Mapping[str, Any], remote: str, *, embedded: bool) -> ProvenanceRow:
    damage = str(read.get("error", ""))
    if "store" in read:
        try:
            return _of_store(read["store"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            damage = f"unexpected content: {type(error).__name__}"
    if "failed" in read:
        return MANIFEST.row(UNKNOWN, f"The manifest could not be read: {read['failed']}.")
    elsewhere = damage.startswith("Remote:") or read.get("kind") == "_C2paRemoteManifest"
    if elsewhere or (remote and "none" in read):
        where = f" ({quoted(remote)})" if remote else ""
        return MANIFEST.row(
            FOUND,
            f"The file names a manifest that lies elsewhere{where}. It was not fetched, so nothing "
            "of it is known.",
            {"state": "partial", "reasons": ("the manifest lies elsewhere",)},
            brief="manifest elsewhere, not fetched",
        )
    if "none" in read and not embedded:
        return _none()
    if "none" in read:
        return MANIFEST.row(
            FOUND,
            "The file holds pieces of a manifest, but no whole one.",
            {"state": "partial", "reasons": ("no whole manifest",)},
            brief="pieces of a manifest",
        )
    return MANIFEST.row(
        FOUND,
        f"The file holds a manifest that is damaged and cannot be read ({plain(damage)}).",
        {"state": "invalid", "reasons": ("damaged",)},
        brief="manifest invalid (damaged)",
    )


def _of_store(store: Mapping[str, Any]) -> ProvenanceRow:
    manifests = store["manifests"]
    active = manifests[store["active_manifest"]]
    failures, of_sources = _failures(store, active)
    state = "valid"
    if store.get("validation_state") == "Invalid" or failures:
        state = "invalid" if failures or not of_sources else "partial"
    elif of_sources:
        state = "partial"
    signature = active.get("signature_info") or {}
    signer = plain(signature.get("common_name") or signature.get("issuer") or "")
    issuer = plain(signature.get("issuer") or "")
    made_by = [plain(maker) for maker in _makers(active)]
    actions = [plain(word) for word in _actions(active)]
    kinds = list(dict.fromkeys(kind for one in manifests.values() for kind in _source_types(one)))
    time = plain(signature.get("time") or "", 40)

    by = f"by {quoted(signer)}" if signer else "by an unnamed signer"
    by += f" of {quoted(issuer)}" if issuer and issuer != signer else ""
    sentences = [
        f"The file holds a manifest that is {state}, signed {by}{f' at {time}' if time else ''}; "
        "signer not checked against a trust list.",
    ]
    reasons = list(dict.fromkeys(failures + of_sources))
    if reasons:
        sentences.append(f"Why not valid: {listed(reasons)}.")
    if made_by:
        sentences.append(f"Made with {listed([quoted(maker) for maker in made_by], 3)}.")
    if actions:
        sentences.append(f"Actions it states: {listed(actions)}.")
    if kinds:
        words = [source_type_in_words(kind) for kind in kinds]
        sentences.append(f"The picture is {listed(words)}.")
    declared = [source_type_in_words(kind) for kind in kinds]
    return MANIFEST.row(
        FOUND,
        " ".join(sentences),
        {
            "state": state,
            "signer": signer,
            "issuer": issuer,
            "signed": time or None,
            "made_with": tuple(made_by[:20]),
            "actions": tuple(actions[:50]),
            "digital_source_types": tuple(plain(kind) for kind in kinds[:20]),
            "reasons": tuple(reasons[:20]),
            "trust_list": "not checked",
        },
        brief=", ".join([f"manifest {state}", *declared[:2]]),
    )


def _failures(store: Mapping[str, Any], active: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """What failed of the manifest itself, and of those of its sources.

    Of sources that is what fails now, and what the signer recorded when they were added; trust, of
    which signers have lists of their own, is left out.
    """
    results = store.get("validation_results") or {}
    own = (results.get("activeManifest") or {}).get("failure") or []
    if not results:
        own = store.get("validation_status") or []
    deltas = [delta.get("validationDeltas") for delta in results.get("ingredientDeltas") or []]
    deltas += [
        (source.get("validation_results") or {}).get("activeManifest")
        for source in active.get("ingredients") or []
    ]
    sources = [one for delta in deltas for one in (delta or {}).get("failure") or []]
    told = [one for one in sources if not str(one.get("code", "")).endswith(".untrusted")]
    return [_reason(one) for one in own], [f"of a source: {_reason(one)}" for one in told]


def _reason(failure: Mapping[str, Any]) -> str:
    code = plain(failure.get("code", ""), 60)
    if code in _REASONS:
        return f"{_REASONS[code]} ({code})"
    explanation = plain(failure.get("explanation", ""), 100)
    return f"{explanation} ({code})" if explanation else code


def _makers(manifest: Mapping[str, Any]) -> Iterator[str]:
    for maker in manifest.get("claim_generator_info") or []:
        if name := maker.get("name"):
            yield f"{name} {maker.get('version') or ''}".strip()
    if not manifest.get("claim_generator_info") and manifest.get("claim_generator"):
        yield str(manifest["claim_generator"])


def _statements(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The actions that a manifest states."""
    for assertion in manifest.get("assertions") or []:
        if str(assertion.get("label", "")).startswith("c2pa.actions"):
            yield from (assertion.get("data") or {}).get("actions") or []


def _actions(manifest: Mapping[str, Any]) -> Iterator[str]:
    for action in _statements(manifest):
        what = str(action.get("action", "")).removeprefix("c2pa.").replace("_", " ")
        agent = action.get("softwareAgent")
        name = agent.get("name") if isinstance(agent, dict) else agent
        yield f"{what} by {name}" if name else what


def _source_types(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Digital source types, as the last part of their address."""
    for action in _statements(manifest):
        if kind := action.get("digitalSourceType"):
            yield PurePosixPath(str(kind)).name
