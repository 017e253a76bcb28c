"""Locks on files, and the file systems that have none or share them with other machines."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from filelock import BaseFileLock, FileLock

# As they are called in /proc; of FUSE only those that lead to another machine.
_NETWORK = frozenset(
    (
        "9p", "afs", "beegfs", "ceph", "cifs", "fuse.beegfs", "fuse.ceph", "fuse.glusterfs",
        "fuse.gcsfuse", "fuse.rclone", "fuse.s3fs", "fuse.sshfs", "glusterfs", "gpfs", "lustre",
        "ncpfs", "nfs", "nfs3", "nfs4", "orangefs", "pvfs2", "smb3", "smbfs", "virtiofs",
    )
)  # fmt: skip
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP})
_MOUNTS = Path("/proc/self/mountinfo")


def lock_file(path: Path, timeout: float = -1) -> BaseFileLock | None:
    """Lock a file; the system releases the lock when the process ends.

    Parameters
    ----------
    path : pathlib.Path
        The file; made if need be, in a folder that is there.
    timeout : float
        Seconds to wait for another who holds it; below 0: for ever.

    Returns
    -------
    filelock.BaseFileLock or None
        To be released; None where the file system has no locks.

    Raises
    ------
    filelock.Timeout
        If another still holds it.
    """
    lock = FileLock(path)
    try:
        lock.acquire(timeout=timeout)
    except NotImplementedError:
        return None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        return None
    return lock


def network_file_system(path: Path) -> str:
    """Return the kind of network file system that a path lies on.

    Parameters
    ----------
    path : pathlib.Path
        Any path.

    Returns
    -------
    str
        Such as ``nfs4``; empty if it is none, or the system does not say.
    """
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    place = os.path.realpath(path)
    best, kind = "", ""
    for line in lines:
        fields, _, more = line.partition(" - ")
        if len(fields.split(" ")) < 5 or not more:
            continue
        # A space in a name is written as three digits.
        mount = fields.split(" ")[4].replace("\\040", " ").replace("\\011", "\t")
        inside = place == mount or place.startswith(mount.rstrip("/") + "/")
        # Of several at one place the last one hides the others.
        if inside and len(mount) >= len(best):
            best, kind = mount, more.split(" ")[0]
    return kind if kind in _NETWORK else ""
