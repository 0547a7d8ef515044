"""Names as Step Functions has them: those of the Java SDKs, which it calls services with.

SDK integrations use the Java SDK v2 (code: `DefaultNamingStrategy`, `Utils.unCapitalize`, `CodegenNamingUtils` of
aws-sdk-java-v2). Optimized integrations keep the names of v1.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

_RESERVED = frozenset(
    "abstract assert boolean break byte case catch char class const continue default do double else enum extends final "
    "finally float for goto if implements import instanceof int interface long native new package private protected "
    "public return short static strictfp super switch synchronized this throw throws transient try void volatile while "
    "true false null equals finalize getclass hashcode notify notifyall tostring wait builder sdkfields tobuilder "
    "overrideconfiguration sdkhttpresponse".split()
)


@cache
def java_name(member: str) -> str:
    """Return the name of a member in Step Functions, which is that of the Java SDK v2: `DbName` for `DBName`.

    Only capitals at the beginning become small; `Value` is added to a reserved word of Java (codegen's
    `Utils.unCapitalize` and `DefaultNamingStrategy`).
    """
    end = 1
    while end < len(member) and member[end].isupper() and not (end + 1 < len(member) and member[end + 1].islower()):
        end += 1
    name = member[:end].lower() + member[end:]
    name = f"{name}Value" if name.lower() in _RESERVED else name
    return name[0].upper() + name[1:]


def member_name(structure: str, member: str, *, is_sdk: bool) -> str:
    """Return the name of a structure's member in the parameters and results of an integration.

    Optimized integrations have the API's name with a capital (`MD5OfMessageBody`, `BOOL`), SDK integrations that of the
    Java SDK v2 (`Md5OfMessageBody`, `Bool`), whose DynamoDB client has `nul` for `NULL`.
    """
    if not is_sdk:
        return member[0].upper() + member[1:]
    return "Nul" if (structure, member) == ("AttributeValue", "NULL") else java_name(member)


def pascal_case(name: str) -> str:
    """Return a name with its words capitalized, acronyms too: `DynamoDb` for `DynamoDB` (codegen's `pascalCase`)."""
    name = re.sub(r"[^A-Za-z0-9]+", " ", name)
    name = re.sub(r"([^a-z]{2,})v([0-9]+)", r"\1 v\2 ", name)
    name = re.sub(r"([^A-Z]{2,})V([0-9]+)", r"\1 V\2 ", name)
    name = re.sub(r"(?<=[a-z])(?=[A-Z][a-zA-Z0-9])", " ", name)
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", name)
    name = re.sub(r"([0-9])([a-zA-Z])", r"\1 \2", name)
    return "".join(word.capitalize() for word in name.split())


def service_class(service_id: str) -> str:
    """Return the name of a service in the Java SDK v2, from its ID in botocore: `CloudWatchLogs`, `Sfn`."""
    name = re.sub(r"(?i)^(amazon|aws)", "", pascal_case(service_id))
    return re.sub(r"(?i)service$", "", name)


def exception_class(shape: str, *, is_sdk: bool) -> str:
    """Return the name of an API's error as an exception: `QueueDoesNotExistException` for `QueueDoesNotExist`."""
    name = re.sub(r"(Fault|Exception)$", "", shape)
    return f"{pascal_case(name) if is_sdk else name}Exception"


@lru_cache(maxsize=1024)
def hash_order(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names in the order of a Java HashMap that they were added to, as they are in the service's objects.

    Recorded: the fields of a payload template that have paths, and AllHttpHeaders. Tables have 16 places, twice as many
    whenever they are three quarters full (java.util.HashMap).
    """
    places = 16
    while len(names) > places * 0.75:
        places *= 2
    return tuple(sorted(names, key=lambda name: _java_hash(name) & (places - 1)))


def _java_hash(text: str) -> int:
    value, units = 0, text.encode("utf-16-be", "surrogatepass")
    for high, low in zip(units[::2], units[1::2], strict=True):
        value = (31 * value + (high << 8 | low)) & 0xFFFFFFFF
    return value ^ (value >> 16)
