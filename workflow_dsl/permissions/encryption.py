"""The KMS keys that encrypt the template's resources, and the actions on them that a call needs.

Each service's page on it: "Using server-side encryption with AWS KMS keys" of S3, "Key management" of SQS and SNS, "AWS
KMS permissions" of DynamoDB and Secrets Manager, "Permissions to use user-generated KMS keys" of Kinesis, "Encryption
at rest" of Step Functions. AWS's own keys need nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.application.template import Resource, Template, references
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.application.template.resource_types import BUCKET, MACHINES, QUEUE, TABLES, TOPIC
from workflow_dsl.definition.json import Json

_KEY, _ALIAS = "AWS::KMS::Key", "AWS::KMS::Alias"
_ENCRYPTED_BY: Mapping[str, str] = {
    BUCKET: "BucketEncryption",
    QUEUE: "KmsMasterKeyId",
    TOPIC: "KmsMasterKeyId",
    "AWS::Kinesis::Stream": "StreamEncryption",
    "AWS::SecretsManager::Secret": "KmsKeyId",
    **dict.fromkeys(MACHINES, "EncryptionConfiguration"),
    **dict.fromkeys(TABLES, "SSESpecification"),
}
BOTH = ("kms:Decrypt", "kms:GenerateDataKey")
_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "s3:GetObject": ("kms:Decrypt",),
    "s3:PutObject": BOTH,  # a multipart upload reads what it wrote
    "sqs:SendMessage": BOTH,
    "sns:Publish": BOTH,
    **dict.fromkeys(("kinesis:PutRecord", "kinesis:PutRecords"), ("kms:GenerateDataKey",)),
    "secretsmanager:GetSecretValue": ("kms:Decrypt",),
    **dict.fromkeys((f"dynamodb:{verb}Item" for verb in ("Get", "Put", "Update", "Delete")), ("kms:Decrypt",)),
}


def actions_on_key(action: str) -> tuple[str, ...]:
    """The actions that a call's action needs on the key of an encrypted resource."""
    return _ACTIONS.get(action, ())


def key_of(template: Template, resource: Resource) -> Resource | None:
    """The key of the template that encrypts a resource; None without one, or if the key's policy lets others use it."""
    names = references(resource.properties.get(_ENCRYPTED_BY.get(resource.type, "")))
    found = (template.resources[name] for name in names if name in template.resources)
    keys = (key for each in found for key in _keys(template, each))
    return next((key for key in keys if _leaves_it_to_iam(key.properties.get("KeyPolicy"))), None)


def _keys(template: Template, resource: Resource) -> Iterator[Resource]:
    names = references(resource.properties.get("TargetKeyId")) if resource.type == _ALIAS else [resource.logical_id]
    return (key for name in names if (key := template.resources.get(name)) and key.type == _KEY)


def _leaves_it_to_iam(policy: Json) -> bool:
    """True if a key's policy allows it to the account as a whole and to services only (KMS, "Default key policy")."""
    statements = as_list(dict_or_empty(policy).get("Statement"))
    allowing = [each for each in statements if dict_or_empty(each).get("Effect", "Allow") == "Allow"]
    return bool(statements) and all(_is_for_account_or_service(dict_or_empty(each)) for each in allowing)


def _is_for_account_or_service(statement: Mapping[str, Json]) -> bool:
    principal = statement.get("Principal")
    if not isinstance(principal, dict):
        return False
    accounts = as_list(principal.get("AWS"))
    return principal.keys() <= {"AWS", "Service"} and all(_is_account(each) for each in accounts)


def _is_account(principal: Json) -> bool:
    return ":root" in str(principal) or principal == {"Ref": "AWS::AccountId"}
