"""Only the release's own modules are accepted, in whatever they come."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from workflow_dsl.findings import FindingsError
from workflow_dsl.sdk_files.archives import ARCHIVE, SHA256, Modules, modules_of_archive, modules_of_folder
from workflow_dsl.sdk_files.backend.setuptools import build_meta

ROOT = Path(__file__).parent.parent.parent


def test_a_wheel_gives_the_modules(wheel: Path, modules: Modules) -> None:
    assert modules_of_archive(wheel) == modules


def changed(modules: Modules) -> Modules:
    return {**modules, "stepfunctions/exceptions.py": modules["stepfunctions/exceptions.py"] + b"\n"}


OTHERS: dict[str, Callable[[Modules], Modules]] = {
    "a changed byte": changed,
    "a module more": lambda modules: {**modules, "stepfunctions/more.py": b""},
    "a module less": lambda modules: {name: modules[name] for name in list(modules)[1:]},
    "names exchanged": lambda modules: dict(zip(modules, reversed(modules.values()), strict=True)),
    "nothing": lambda modules: {},
}


def as_wheel(modules: Modules) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in modules.items():
            file.writestr(name, content)
    return buffer.getvalue()


def as_source_distribution(modules: Modules) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as file:
        for name, content in modules.items():
            member = tarfile.TarInfo(f"stepfunctions-2.3.0/src/{name}")
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize("pack", [as_wheel, as_source_distribution])
@pytest.mark.parametrize("change", OTHERS.values(), ids=OTHERS)
def test_other_content_is_refused(
    modules: Modules, tmp_path: Path, change: Callable[[Modules], Modules], pack: Callable[[Modules], bytes]
) -> None:
    archive = tmp_path / "sdk"
    archive.write_bytes(pack(change(modules)))
    with pytest.raises(FindingsError) as refused:
        modules_of_archive(archive)
    assert str(refused.value) == (
        f"{archive}: its content is not that of stepfunctions 2.3.0; "
        "name stepfunctions-2.3.0.tar.gz from the package index, or a wheel built from it"
    )


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"text", bytes(1000)])
def test_a_file_that_is_not_an_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sdk").write_bytes(content)
    with pytest.raises(FindingsError, match=r"its content is not that of"):
        modules_of_archive(tmp_path / "sdk")


def test_a_folder_of_other_modules_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FindingsError, match=r"^pip: its content is not that of"):
        modules_of_folder(tmp_path, "pip")


def test_the_hash_is_the_one_in_the_requirements() -> None:
    text = (ROOT / "requirements" / "run.txt").read_text("utf-8").replace("\\\n", "")
    assert [line.split() for line in text.splitlines() if line.startswith("stepfunctions")] == [
        [ARCHIVE.removesuffix(".tar.gz").replace("-", "=="), f"--hash=sha256:{SHA256}"]
    ]


def test_the_build_backend_copies_the_modules_and_asks_for_nothing(
    modules: Modules, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in modules.items():
        (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src" / name).write_bytes(content)
    (tmp_path / "setup.py").write_text("raise SystemExit('executed')")
    monkeypatch.chdir(tmp_path)
    backend = build_meta.__legacy__
    assert backend.get_requires_for_build_wheel() == []
    assert modules_of_archive(tmp_path / backend.build_wheel(str(tmp_path))) == modules
    metadata = tmp_path / backend.prepare_metadata_for_build_wheel(str(tmp_path)) / "METADATA"
    assert metadata.read_text("utf-8") == "Metadata-Version: 2.1\nName: stepfunctions\nVersion: 2.3.0\n"
