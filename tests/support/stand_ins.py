"""Local images under the names that docker-compose.yml and the Dockerfiles use, as no image registry can be reached.

They are Debian's packages, this machine's Go with its modules and its build cache, and the binaries in `build/`. What
takes long is kept in `build/stand-ins`. The build of an image never notices: it runs the Dockerfile as it is.
"""

import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from packaging.requirements import Requirement

from tests.support.docker_engine import ROOT, SEARCH, DockerEngine
from tools.build import BUILD, PINNED, find_go, go_environment

KEPT = BUILD / "stand-ins"
BASE = "stand-in-base"
DEBIAN = "bookworm"
DEBIAN_PYTHON = "3.11"
PACKAGES = "ca-certificates,mariadb-server,python3,python3-venv,redis-server"
# Whoever reads documentation or lists of packages reads them elsewhere.
LEFT_OUT = ("usr/share/doc", "usr/share/locale", "usr/share/man", "var/cache/apt", "var/lib/apt/lists")
DOCKERFILES = ("collector/Dockerfile", "deploy/app/Dockerfile")
MARIADB_SCRIPTS = Path(__file__).parent / "mariadb_image"

# What an image is made of: where a file comes from, and where it goes to.
Files = Iterable[tuple[Path, str]]


def needed(engine: DockerEngine) -> set[str]:
    """Return the images that are pulled on a user's machine: those of the compose file and of the Dockerfiles."""
    config = json.loads(engine.docker("compose", "config", "--format=json").stdout)
    from_compose = {each["image"] for each in config["services"].values() if "build" not in each}
    texts = [(ROOT / each).read_text() for each in DOCKERFILES]
    from_builds = {name for text in texts for name in re.findall(r"^FROM (\S+)", text, re.MULTILINE)}
    return from_compose | (from_builds - {"scratch"})


def make(engine: DockerEngine) -> None:
    """Make every image that is needed.

    Raises:
        KeyError: nothing here stands in for an image.
    """
    with debian().open("rb") as base:
        subprocess.run(["docker", "import", "-", BASE], stdin=base, env=engine.environment, check=True)
    for image in sorted(needed(engine)):
        dockerfile, files = RECIPES[image.partition(":")[0]]
        build(engine, image, dockerfile, files())


def build(engine: DockerEngine, image: str, dockerfile: str, files: Files) -> None:
    """Build an image from a Dockerfile and files, which are in its context under the names that they get."""
    command = ["docker", "build", "--quiet", f"--tag={image}", "-"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env=engine.environment)
    assert process.stdin is not None
    with process.stdin as sink, tarfile.open(fileobj=sink, mode="w|") as context:
        member = tarfile.TarInfo("Dockerfile")
        member.size = len(dockerfile.encode())
        context.addfile(member, io.BytesIO(dockerfile.encode()))
        for source, name in files:
            context.add(source, name, filter=without_tests)
    assert process.wait() == 0


def without_tests(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Return what goes into an image: Go's own tests do not, nor the sources of its commands."""
    left_out = member.name.endswith("_test.go") or Path(member.name).name == "testdata" or member.name == "go/src/cmd"
    return None if left_out else member


def debian() -> Path:
    """Return a Debian with the packages of all stand-ins, as a tar file; it is made where it is missing."""
    recipe = hashlib.sha256(repr((DEBIAN, PACKAGES, LEFT_OUT)).encode()).hexdigest()[:12]
    kept = KEPT / f"debian-{recipe}.tar"
    if not kept.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=KEPT) as made:
            root = Path(made) / "root"
            program = shutil.which("debootstrap", path=SEARCH) or "debootstrap"
            command = [program, "--variant=minbase", f"--include={PACKAGES}", DEBIAN, str(root)]
            made_root = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
            )
            assert made_root.returncode == 0, made_root.stdout[-2000:]
            for name in LEFT_OUT:
                shutil.rmtree(root / name, ignore_errors=True)
            # The databases of the package are not those of the image, which begins with none.
            shutil.rmtree(root / "var/lib/mysql")
            unfinished = Path(made) / "debian.tar"
            subprocess.run(["tar", "--create", f"--file={unfinished}", f"--directory={root}", "."], check=True)
            unfinished.rename(kept)
    return kept


def is_for_debian(block: str) -> bool:
    """Tell whether a requirement of a lock, with its hashes, is one of Debian's Python."""
    line = block.partition("\\")[0].strip()
    if not line or line.startswith("#"):
        return False
    marker = Requirement(line).marker
    python = {"python_version": DEBIAN_PYTHON, "python_full_version": f"{DEBIAN_PYTHON}.0"}
    return marker is None or marker.evaluate(python)


def wheels() -> Files:
    """Return the wheels of both locks of the application's image, for Debian's Python."""
    locks = [(ROOT / "deploy" / "app" / name).read_text() for name in ("requirements.lock", "build.lock")]
    blocks = [block for lock in locks for block in re.split(r"\n(?=[a-z#])", lock) if is_for_debian(block)]
    # pip judges markers by the Python that it runs in, not by the one that it is told.
    text = "\n".join(re.sub(r" ; [^\\\n]*", " ", block) for block in dict.fromkeys(blocks))
    directory = KEPT / f"wheels-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    if not directory.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=KEPT) as made:
            lock = Path(made) / "lock"
            lock.write_text(text)
            pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
            chosen = ["--only-binary=:all:", f"--python-version={DEBIAN_PYTHON}", f"--dest={made}/wheels", f"-r{lock}"]
            subprocess.run([*pip, *chosen], check=True)
            (Path(made) / "wheels").rename(directory)
    return [(directory, "wheels")]


def go() -> Iterator[tuple[Path, str]]:
    """Return this machine's Go, the modules of the Collector as a proxy of files, and what is compiled of them."""
    tool = next(each for each in PINNED if each.module == "collector")
    program = find_go(tool.needs())

    def said(*arguments: str) -> str:
        return subprocess.run(
            [program, *arguments],
            cwd=tool.directory,
            env=go_environment(),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout

    environment = json.loads(said("env", "-json", "GOROOT", "GOMODCACHE", "GOCACHE"))
    root, cache = Path(environment["GOROOT"]), Path(environment["GOCACHE"])
    for name in ("VERSION", "go.env", "bin/go", "pkg/include", "pkg/tool", "src", "lib"):
        if (root / name).exists():
            yield root / name, f"go/{name}"

    said("mod", "download")
    downloads = Path(environment["GOMODCACHE"]) / "cache" / "download"
    for line in (tool.directory / "go.sum").read_text().splitlines():
        module, version, _ = line.split()
        version, slash, _ = version.partition("/")
        # A capital letter is written as ! and the small one.
        folder = re.sub("([A-Z])", lambda found: "!" + found[0].lower(), module)
        for ending in ("mod",) if slash else ("info", "zip"):
            path = (
                downloads
                / folder
                / "@v"
                / f"{re.sub('([A-Z])', lambda found: '!' + found[0].lower(), version)}.{ending}"
            )
            if path.exists():
                yield path, f"modules/{path.relative_to(downloads)}"

    flags = ["-trimpath", "-buildvcs=false", "-mod=readonly", "-tags", tool.tags]
    compiled = set(said("list", "-deps", "-export", "-f", "{{.Export}}", *flags, ".").split())
    for path in map(Path, compiled):
        yield path, f"cache/{path.relative_to(cache)}"
    # Each entry tells which output an action had: "v1 ACTION OUTPUT SIZE TIME".
    outputs = {Path(path).name.removesuffix("-d") for path in compiled}
    for entry in cache.glob("??/*-a"):
        fields = entry.read_text().split()
        if len(fields) > 2 and fields[2] in outputs:
            yield entry, f"cache/{entry.relative_to(cache)}"


def nothing() -> Files:
    """Return no file."""
    return ()


def mariadb() -> Files:
    """Return the scripts that the image has."""
    return [(path, path.name) for path in sorted(MARIADB_SCRIPTS.iterdir())]


def prometheus() -> Files:
    """Return Prometheus and promtool."""
    return [(BUILD / name, name) for name in ("prometheus", "promtool")]


def alertmanager() -> Files:
    """Return Alertmanager and amtool."""
    return [(BUILD / name, name) for name in ("alertmanager", "amtool")]


# By repository: what is there of the image that this project relies on, and where its files come from.
RECIPES: dict[str, tuple[str, Callable[[], Files]]] = {
    "golang": (
        f"""FROM {BASE}
COPY go /usr/local/go
COPY modules /modules
COPY cache /cache
ENV PATH=/usr/local/go/bin:$PATH GOPROXY=file:///modules GOCACHE=/cache
""",
        go,
    ),
    "python": (f"FROM {BASE}\nCOPY wheels /wheels\nENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels\n", wheels),
    "prom/prometheus": (
        f"""FROM {BASE}
COPY prometheus promtool /bin/
RUN mkdir /prometheus && chown 65534:65534 /prometheus
USER 65534
ENTRYPOINT ["/bin/prometheus"]
""",
        prometheus,
    ),
    "prom/alertmanager": (
        f"""FROM {BASE}
COPY alertmanager amtool /bin/
RUN mkdir /alertmanager && chown 65534:65534 /alertmanager
USER 65534
WORKDIR /alertmanager
ENTRYPOINT ["/bin/alertmanager"]
""",
        alertmanager,
    ),
    "redis": (f"FROM {BASE}\nWORKDIR /data\n", nothing),
    "mariadb": (
        f"""FROM {BASE}
COPY docker-entrypoint.sh healthcheck.sh /usr/local/bin/
RUN mkdir /var/lib/mysql && chown 999:999 /var/lib/mysql
ENTRYPOINT ["docker-entrypoint.sh"]
""",
        mariadb,
    ),
}
