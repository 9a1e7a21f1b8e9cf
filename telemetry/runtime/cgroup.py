"""The control group of this process: how much memory it has in use, and how much it may have.

Sources: the kernel's documentation of cgroup v2 (memory.max, memory.current, memory.stat) and v1
(memory.limit_in_bytes, memory.usage_in_bytes), proc(5) for /proc/self/cgroup and /proc/self/mountinfo.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# What cgroup v1 shows where there is no limit is the largest number of pages; no machine has as much.
_NO_LIMIT: Final = 1 << 60


@dataclass(frozen=True, slots=True)
class Group:
    """A memory control group with a limit, in bytes. `usage` is without the page cache that the kernel takes back."""

    limit: int
    usage: int


@dataclass(frozen=True, slots=True)
class _Version:
    """Names of the files that one version of cgroups has, and of two lines of memory.stat.

    `inherited` is the tightest limit of the group and those above it, which a container does not see.
    """

    limit: str
    usage: str
    reclaimable: str
    inherited: str | None


_V2: Final = _Version("memory.max", "memory.current", "inactive_file", None)
_V1: Final = _Version(
    "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file", "hierarchical_memory_limit"
)


def limited_group(root: Path = Path("/")) -> Group | None:
    """Return the group with the tightest limit, of this process' own and those above it; None where none has one.

    Of several with the same limit it is the highest, which has most in use. `root` is where /proc and the mounts are
    looked for.
    """
    tightest: Group | None = None
    for directory, version in _groups(root):
        usage = _number(directory / version.usage)
        stat = _stat(directory)
        told = (_number(directory / version.limit), stat.get(version.inherited or ""))
        limits = [limit for limit in told if limit is not None and limit < _NO_LIMIT]
        if usage is None or not limits:
            continue
        if tightest is None or min(limits) <= tightest.limit:
            tightest = Group(min(limits), max(0, usage - stat.get(version.reclaimable, 0)))
    return tightest


def _groups(root: Path) -> Iterator[tuple[Path, _Version]]:
    """Find the directories of the memory controller, from the process' own group to the top of what is mounted."""
    for version, mount_root, mount in _mounts(root):
        own = _own_path(root, version)
        if own is None:
            continue
        # In a container the path may be one that the host sees: what is mounted is then the group itself.
        inside = Path(own).relative_to(mount_root) if Path(own).is_relative_to(mount_root) else Path()
        directory = mount / inside
        if ".." in inside.parts or not directory.is_dir():
            directory = mount
        yield directory, version
        while directory != mount:
            directory = directory.parent
            yield directory, version


def _mounts(root: Path) -> Iterator[tuple[_Version, str, Path]]:
    """Find where the memory controller is mounted: its version, the group that is at the mount, the mount itself."""
    for line in _lines(root / "proc/self/mountinfo"):
        before, _, after = line.partition(" - ")
        fields, kind = before.split(), after.split()
        if len(fields) < 5 or len(kind) < 3:
            continue
        mount_root, mount = (_unescaped(text) for text in fields[3:5])
        if kind[0] == "cgroup2":
            yield _V2, mount_root, root / mount.lstrip("/")
        elif kind[0] == "cgroup" and "memory" in kind[2].split(","):
            yield _V1, mount_root, root / mount.lstrip("/")


def _own_path(root: Path, version: _Version) -> str | None:
    for line in _lines(root / "proc/self/cgroup"):
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if (version is _V2 and not controllers) or (version is _V1 and "memory" in controllers.split(",")):
            return path
    return None


def _stat(directory: Path) -> dict[str, int]:
    pairs = (line.partition(" ") for line in _lines(directory / "memory.stat"))
    return {name: int(value) for name, _, value in pairs if value.isdecimal()}


def _number(file: Path) -> int | None:
    text = next(iter(_lines(file)), "")
    return int(text) if text.isdecimal() else None  # `max` is no limit


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def _unescaped(text: str) -> str:
    return text.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
