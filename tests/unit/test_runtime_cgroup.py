"""Control groups, version 1 and 2: limits and usage read from trees as kernels show them."""

from pathlib import Path

import pytest

from telemetry.runtime.cgroup import Group, limited_group

V2_MOUNT = "30 23 0:26 {root} /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw"
V1_MOUNT = "36 30 0:31 {root} /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"
V1_CPU = "37 30 0:32 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct"
NO_LIMIT_V1 = "9223372036854771712"


def tree(root: Path, mounts: str, own: str, **files: str) -> Path:
    """Lay out /proc and control groups; a file's name has its path with `__` for `/`, from /sys/fs/cgroup on."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/mountinfo").write_text(mounts + "\n")
    (root / "proc/self/cgroup").write_text(own + "\n")
    for name, text in files.items():
        file = root / "sys/fs/cgroup" / name.replace("__", "/").replace("memory_", "memory.")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
    return root


def v2(limit: str, usage: str, inactive: int = 0, at: str = "") -> dict[str, str]:
    """The files of a group of version 2."""
    stat = f"anon 1\ninactive_file {inactive}\nactive_file 5"
    return {f"{at}memory_max": limit, f"{at}memory_current": usage, f"{at}memory_stat": stat}


def v1(limit: str, usage: str, inactive: int = 0, at: str = "", inherited: str = NO_LIMIT_V1) -> dict[str, str]:
    """The files of a group of version 1."""
    at = f"memory__{at}"
    stat = f"inactive_file 3\nhierarchical_memory_limit {inherited}\ntotal_inactive_file {inactive}"
    return {
        f"{at}memory_limit_in_bytes": limit,
        f"{at}memory_usage_in_bytes": usage,
        f"{at}memory_stat": stat,
    }


@pytest.mark.parametrize(
    ("mounts", "own", "files", "expected"),
    [
        pytest.param(V2_MOUNT.format(root="/"), "0::/", v2("1000", "600", 100), Group(1000, 500), id="namespace"),
        pytest.param(V2_MOUNT.format(root="/"), "0::/", v2("max", "600"), None, id="no limit"),
        pytest.param(V2_MOUNT.format(root="/"), "0::/", {}, None, id="the root group has no files"),
        pytest.param(
            V2_MOUNT.format(root="/"),
            "0::/app.slice/web",
            {**v2("max", "300", 0, "app.slice__web__"), **v2("2000", "900", 50, "app.slice__")},
            Group(2000, 850),
            id="the limit is that of a group above",
        ),
        pytest.param(
            V2_MOUNT.format(root="/"),
            "0::/a/b",
            {**v2("500", "300", 0, "a__b__"), **v2("2000", "900", 0, "a__")},
            Group(500, 300),
            id="the tightest of several",
        ),
        pytest.param(
            V2_MOUNT.format(root="/"),
            "0::/a/b",
            {**v2("500", "300", 0, "a__b__"), **v2("500", "400", 0, "a__")},
            Group(500, 400),
            id="of equal limits that of the group above, which is met first",
        ),
        pytest.param(
            V2_MOUNT.format(root="/docker/12"),
            "0::/docker/1234",
            {**v2("700", "70"), **v2("5", "5", 0, "34__")},
            Group(700, 70),
            id="a group whose name begins as the mount's does",
        ),
        pytest.param(
            V2_MOUNT.format(root="/../.."),
            "0::/",
            v2("700", "70"),
            Group(700, 70),
            id="a namespace below what is mounted",
        ),
        pytest.param(
            V2_MOUNT.format(root="/docker/1234"),
            "0::/docker/1234",
            v2("700", "70"),
            Group(700, 70),
            id="a container's group is what is mounted",
        ),
        pytest.param(
            V2_MOUNT.format(root="/"),
            "0::/../elsewhere",
            {**v2("700", "70"), **v2("5", "5", 0, "..__elsewhere__")},
            Group(700, 70),
            id="outside the mount",
        ),
        pytest.param(V2_MOUNT.format(root="/"), "0::/", v2("1000", "50", 400), Group(1000, 0), id="all reclaimable"),
        pytest.param(
            f"{V1_CPU}\n{V1_MOUNT.format(root='/')}",
            "5:cpu,cpuacct:/x\n4:memory:/docker/9\n0::/",
            v1("1000", "600", 100, "docker__9__"),
            Group(1000, 500),
            id="version 1",
        ),
        pytest.param(V1_MOUNT.format(root="/"), "4:memory:/", v1(NO_LIMIT_V1, "600"), None, id="no limit in version 1"),
        pytest.param(
            V1_MOUNT.format(root="/docker/9"),
            "4:memory:/docker/9",
            v1("1000", "600"),
            Group(1000, 600),
            id="version 1 in a container",
        ),
        pytest.param(
            V1_MOUNT.format(root="/kubepods/pod1/c2"),
            "4:memory:/kubepods/pod1/c2",
            v1(NO_LIMIT_V1, "600", 100, inherited="900"),
            Group(900, 500),
            id="version 1, the limit of a group above that is not mounted",
        ),
        pytest.param(
            V1_MOUNT.format(root="/"),
            "4:memory:/a/b",
            {**v1(NO_LIMIT_V1, "300", 0, "a__b__", inherited="900"), **v1("900", "800", 0, "a__", inherited="900")},
            Group(900, 800),
            id="version 1, the limit of a group above that is",
        ),
        pytest.param(
            f"{V1_MOUNT.format(root='/')}\n31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
            "4:memory:/a\n0::/a",
            v1("800", "200", 0, "a__"),
            Group(800, 200),
            id="both versions, memory in the first",
        ),
        pytest.param("", "", {}, None, id="no control groups"),
        pytest.param("nonsense", "nonsense", {}, None, id="nonsense"),
        pytest.param(V2_MOUNT.format(root="/"), "0::/", v2("many", "few"), None, id="no numbers"),
        pytest.param(V2_MOUNT.format(root="/"), "0::/", v2("10²", "4²"), None, id="digits that are no numbers"),
    ],
)
def test_the_tightest_group_is_found(
    tmp_path: Path, mounts: str, own: str, files: dict[str, str], expected: Group | None
) -> None:
    """Its limit, and its usage without what the kernel takes back."""
    assert expected == limited_group(tree(tmp_path, mounts, own, **files))


def test_a_mount_with_a_blank_in_its_name_is_found(tmp_path: Path) -> None:
    """The kernel writes it as an octal number."""
    root = tree(tmp_path, "30 23 0:26 / /sys/my\\040groups rw - cgroup2 cgroup2 rw", "0::/")
    (root / "sys/my groups").mkdir(parents=True)
    for name, text in (("memory.max", "10"), ("memory.current", "4")):
        (root / "sys/my groups" / name).write_text(text)
    assert limited_group(root) == Group(10, 4)


def test_where_there_is_no_proc_there_is_no_group(tmp_path: Path) -> None:
    """On other systems."""
    assert limited_group(tmp_path) is None
