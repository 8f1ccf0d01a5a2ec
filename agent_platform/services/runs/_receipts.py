"""A signed statement of a finished run, checkable without us."""

import base64
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from agent_platform.core.db.publisher import publisher_session
from agent_platform.core.db.tenant import PublicSession, TenantSession
from agent_platform.core.keys import installation_key
from agent_platform.models.catalogue import ReceiptKey
from agent_platform.models.run_records import Receipt
from agent_platform.models.runs import Origin, Run


def sign_receipt(session: TenantSession, run: Run, *, compute_paid_micro_usd: int) -> None:
    """The run has its receipt: what ran, what it cost and why, under this installation's Ed25519 key. A demo leaves none."""
    if run.origin == Origin.DEMO:
        return
    body = json.dumps(
        _statement(session, run, compute_paid_micro_usd), sort_keys=True, separators=(",", ":"), default=str
    )
    key = installation_key()
    session.add(
        Receipt(
            tenant_id=session.tenant_id,
            run_id=run.id,
            body=body,
            signature=base64.b64encode(key.sign(body.encode())).decode(),
            key_id=key_id(key.public_key()),
        )
    )


def receipt_file(receipt: Receipt) -> str:
    """What people keep: the signed text as it was signed, its signature and the key's name."""
    body = {
        "signed": receipt.body,
        "signature": receipt.signature,
        "algorithm": "Ed25519",
        "key_id": receipt.key_id,
    }
    return json.dumps(body, ensure_ascii=False, indent=2)


def key_id(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def publish_receipt_key() -> None:
    """Everybody can read the key that signs now; earlier ones stay. For a process that holds it and the publisher's login."""
    public = installation_key().public_key()
    values = {"key_id": key_id(public), "public_key": base64.b64encode(public.public_bytes_raw()).decode()}
    with publisher_session() as session:
        session.execute(insert(ReceiptKey).values(**values).on_conflict_do_nothing(index_elements=["key_id"]))


def list_receipt_keys(session: PublicSession) -> list[ReceiptKey]:
    """The newest first."""
    query = select(ReceiptKey).order_by(col(ReceiptKey.first_seen_at).desc(), col(ReceiptKey.key_id))
    return list(session.execute(query).scalars())


def is_genuine(receipt: Receipt, public_key: Ed25519PublicKey) -> bool:
    try:
        public_key.verify(base64.b64decode(receipt.signature), receipt.body.encode())
    except Exception:  # noqa: BLE001  # any failure to verify is the same answer
        return False
    return True


def _statement(session: TenantSession, run: Run, compute_paid: int) -> dict[str, Any]:
    children = {"child_runs_micro_usd": run.child_micro_usd} if run.child_count else {}
    return children | {
        "schema": "agentplatform.dev/receipt/v1",
        "run": f"run_{run.id.hex}",
        "agent": run.agent_ref,
        "version": run.version,
        "state": run.state,
        "input_sha256": hashlib.sha256(json.dumps(run.input, sort_keys=True).encode()).hexdigest(),
        "result_sha256": hashlib.sha256(json.dumps(run.result, sort_keys=True).encode()).hexdigest(),
        "events": [
            {"event": row.event, "units": int(row.units), "amount": int(row.amount), "voided": int(row.voided)}
            for row in _charges(session, run)
        ],
        "compute_paid_micro_usd": compute_paid,
        "charged_micro_usd": run.charged_micro_usd,
        "cap_micro_usd": run.cap_micro_usd,
        "price": run.price,
        "queued_at": run.queued_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }


def _charges(session: TenantSession, run: Run) -> Iterable[Any]:
    if not run.price.get("events"):  # nothing on its price list, so nothing was ever charged
        return ()
    return session.execute(
        text(
            "SELECT event, sum(units) AS units, sum(amount_micro_usd) AS amount, sum(voided_micro_usd) AS voided FROM app.run_charges"
            " WHERE tenant_id = :tenant AND run_id = :run GROUP BY event ORDER BY event"
        ),
        {"tenant": session.tenant_id, "run": run.id},
    )
