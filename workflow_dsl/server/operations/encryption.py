"""The encryption of state machines and activities, which is kept and described, and has no effect."""

from __future__ import annotations

from typing import Any

from workflow_dsl.local.one_state.api import ApiError
from workflow_dsl.server.operations.operation import Members


def encryption_of(request: Members) -> dict[str, Any] | None:
    """Return the encryption of a request. Raises ApiError for a customer's key without its ID (API reference)."""
    encryption: dict[str, Any] | None = request.get("encryptionConfiguration")
    if encryption and encryption["type"] == "CUSTOMER_MANAGED_KMS_KEY" and not encryption.get("kmsKeyId"):
        message = "kmsKeyId must be specified when type is CUSTOMER_MANAGED_KMS_KEY"
        raise ApiError("InvalidEncryptionConfiguration", f"Invalid Encryption Configuration: {message}.")
    return encryption
