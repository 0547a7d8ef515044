"""Templates that other tools write: those of `cdk synth`, Terraform's plans, and what to run for their sources."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from workflow_dsl.application.template.intrinsics import dict_or_empty, references
from workflow_dsl.application.template.resource_types import FUNCTIONS, MACHINES
from workflow_dsl.definition.files import read_file
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.reading import Source, is_template
from workflow_dsl.records import replace
from workflow_dsl.regexes import lazy_regex

_OF_CDK = ".template.json"
_TERRAFORM = (
    "run `terraform plan -out=plan.tfplan` and `terraform show -json plan.tfplan > plan.json`, then name plan.json"
)
_SERVERLESS = "run `serverless package`, then name .serverless/cloudformation-template-update-stack.json"
_CDK = f"run `cdk synth`, then name cdk.out/STACK{_OF_CDK}"
_SOURCES = {
    **dict.fromkeys(("*.tf", "*.tf.json", "*.tfplan", "terragrunt.hcl"), _TERRAFORM),
    **dict.fromkeys(("serverless.yml", "serverless.yaml", "serverless.json", "serverless.ts"), _SERVERLESS),
    "cdk.json": _CDK,
}


def as_template(source: Source, path: Path) -> Source:
    """A source that another tool wrote, as a template; any other source as it is.

    The files of a CDK application's assets are looked up in the manifest and in the folder beside the template, those
    of a service of the Serverless Framework in the service's folder.
    """
    document = source.document
    if isinstance(document, dict) and "format_version" in document:
        from workflow_dsl.application.template.terraform import is_plan, template_of_plan

        if is_plan(document):
            return replace(source, document=template_of_plan(document))
    if path.name.endswith(_OF_CDK) and is_template(document):
        manifest = path.with_name(path.name.removesuffix(_OF_CDK) + ".assets.json")
        assets = {**_assets_by_parameters(path.parent, document), **_assets(manifest)}
        resources = dict_or_empty(document.get("Resources"))
        own = {name: _with_assets(resource, assets) for name, resource in resources.items()}
        return replace(source, document={**document, "Resources": own})
    if path.parent.name == _PACKAGED and is_template(document):
        resources = dict_or_empty(document.get("Resources"))
        own = {name: _with_service_code(resource, path.parent) for name, resource in resources.items()}
        return replace(source, document={**document, "Resources": own})
    return source


_PACKAGED = ".serverless"  # the folder of the Serverless Framework's packages, in that of the service


def _with_service_code(resource: Json, folder: Path) -> Json:
    """A function with its code in the service's folder, if its handler's file is there; a plugin may have moved it."""
    properties = dict_or_empty(dict_or_empty(resource).get("Properties"))
    module = str(properties.get("Handler")).rpartition(".")[0]
    is_packaged = isinstance(properties.get("Code"), dict) and "S3Key" in dict_or_empty(properties["Code"])
    if not is_packaged or not module or dict_or_empty(resource).get("Type") not in FUNCTIONS:
        return resource
    is_there = any((folder.parent / f"{module}{suffix}").is_file() for suffix in _CODE)
    return {**resource, "Properties": {**properties, "Code": ".."}} if is_there else resource


_CODE = (".py", ".js", ".mjs", ".cjs", ".ts", ".rb")


def _assets(manifest: Path) -> dict[str, str]:
    """The path of each asset of a CDK stack by its hash (AWS CDK, schema of the asset manifest); none without one."""
    try:
        files = dict_or_empty(json.loads(read_file(manifest))).get("files")
    except (OSError, ValueError, RecursionError):
        return {}
    sources = {key: dict_or_empty(dict_or_empty(each).get("source")) for key, each in dict_or_empty(files).items()}
    return {key: source["path"] for key, source in sources.items() if isinstance(source.get("path"), str)}


def _assets_by_parameters(folder: Path, document: Mapping[str, Json]) -> dict[str, str]:
    """The name of each asset in the folder by its hash, where parameters give the assets.

    So do the templates of CDK 1, and of CDK 2's LegacyStackSynthesizer.
    """
    parameters = filter(None, map(_ASSET_PARAMETER.match, dict_or_empty(document.get("Parameters"))))
    hashes = {parameter[1] for parameter in parameters}
    names = sorted(path.name for path in folder.glob("asset.*")) if hashes else []
    by_hash = {name.split(".")[1]: name for name in names}
    return {key: name for key, name in by_hash.items() if key in hashes}


_ASSET_PARAMETER = lazy_regex(r"AssetParameters([0-9a-f]+)S3")


def _with_assets(resource: Json, assets: Mapping[str, str]) -> Json:
    """A resource with its definition or code in the file or folder of its asset."""
    properties = dict_or_empty(dict_or_empty(resource).get("Properties"))
    if dict_or_empty(resource).get("Type") in MACHINES:
        path = _asset(properties.get("DefinitionS3Location"), "Key", assets)
        added = {"DefinitionS3Location": path} if path else {}
    else:
        path = _asset(properties.get("Code"), "S3Key", assets)
        added = {"Code": path} if path and not path.endswith(".zip") else {}
    return {**resource, "Properties": {**properties, **added}} if added else resource


def _asset(location: Json, field: str, assets: Mapping[str, str]) -> str | None:
    key = dict_or_empty(location).get(field)
    if isinstance(key, str):
        return assets.get(key.partition(".")[0])
    parameters = map(_ASSET_PARAMETER.match, references(key))
    return next((assets.get(parameter[1]) for parameter in parameters if parameter), None)


def run_first(path: Path) -> str:
    """For the source of another tool, or a folder with one: the command that writes a template from it; else ""."""
    if path.is_dir():
        found = (remedy for pattern, remedy in _SOURCES.items() if next(path.glob(pattern), None))
        return next(found, "")
    return next((remedy for pattern, remedy in _SOURCES.items() if path.match(pattern)), "")
