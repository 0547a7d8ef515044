"""The foundation models of Bedrock, as policies name them: their ARN has no account.

Service Authorization Reference, "Amazon Bedrock". What an inference profile needs is left open: Bedrock user guide,
"Prerequisites for inference profiles".
"""

from __future__ import annotations

import re

from workflow_dsl.permissions.patterns import wildcards_match
from workflow_dsl.regexes import lazy_regex

ACTIONS = ("bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream")
_PROFILE = lazy_regex(r"(?:apac|au|ca|eu|global|jp|sa|us|us-gov)\.")  # the ID of one across regions


def model_resource(model_id: str) -> str:
    """The resource in the ARN of a model: `foundation-model/ID`; "" for a profile, and for a model of one's own."""
    name = re.sub(r"^arn:[\w-]+:bedrock:[\w-]*::foundation-model/", "", model_id)
    is_plain = re.fullmatch(r"[a-z0-9-]+(\.[\w:.-]+)+", name) is not None and not _PROFILE.match(name)
    return f"foundation-model/{name}" if is_plain else ""


def is_another_model(pattern: str, model_id: str) -> bool:
    """True if the ARN in a statement can never be that of a model."""
    needed = model_resource(model_id)
    _, _, service, _, account, resource = [*pattern.split(":", 5), *"*****"][:6]
    if not needed or not pattern.startswith("arn:") or not wildcards_match(service, "bedrock"):
        return False
    return re.fullmatch(r"\d{12}", account) is not None or not wildcards_match(resource, needed)
