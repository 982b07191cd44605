"""Fetch and unpack the packages of sources.json with the registries' own clients: python fetch.py UNPACKED_DIR

Needs apt-get and dpkg-deb (a Debian bookworm machine or container), npm and pip. Prints each archive's SHA-256.
"""
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path


def download(source, folder):
    """One archive of one source, fetched into folder; its path."""
    name, version = source["package"], source["version"]
    command = {
        "debian": ["apt-get", "download", "-q", f"{name}={version}" if version else name],
        "npm": ["npm", "pack", "--silent", f"{name}@{version}"],
        "pypi": [sys.executable, "-m", "pip", "download", "-q", "--no-deps", f"{name}=={version}"],
    }[source["registry"]]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return next(Path(folder).iterdir())


def unpack(archive, target):
    """Unpack a .deb, npm tarball or wheel below target."""
    target.mkdir(parents=True)
    if archive.suffix == ".deb":
        subprocess.run(["dpkg-deb", "-x", archive, target], check=True)
    elif archive.suffix == ".tgz":
        with tarfile.open(archive) as tar:
            tar.extractall(target, filter="data")
    else:
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(target)


def main(out):
    for source in json.loads((Path(__file__).parent / "sources.json").read_text())["sources"]:
        target = Path(out) / source["id"]
        if target.exists():
            print(f"{source['id']:18} already there")
            continue
        with tempfile.TemporaryDirectory() as folder:
            archive = download(source, folder)
            print(f"{source['id']:18} {archive.name} {hashlib.sha256(archive.read_bytes()).hexdigest()}", flush=True)
            unpack(archive, target)


if __name__ == "__main__":
    main(sys.argv[1])
