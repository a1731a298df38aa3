"""The file that the cloud lives in: resources, what points at what, names and addresses that are taken.

Every change is one SQLite transaction, so a process killed at any point leaves the state before or after it, never
between. The write-ahead log lets readers go on while one process writes; writers queue up. What is known of a resource
is encrypted (seal.py). A file that is not a local cloud is never written to.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import ids
from .seal import Seal
from .shapes import CloudFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FORMAT = 3
APPLICATION = 0x50524C43  # "PRLC" in the file's header says whose file it is (sqlite.org/fileformat2.html, 1.3.12)
_NOT_WRITABLE = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
)
_BUSY_SECONDS = 60.0  # another process may hold the file this long before we give up

_SCHEMA = """
CREATE TABLE resources (
  key TEXT PRIMARY KEY, id TEXT NOT NULL, token TEXT NOT NULL, inputs BLOB NOT NULL, body BLOB NOT NULL,
  operation TEXT NOT NULL DEFAULT '', ready_at REAL NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE pointers (
  source TEXT NOT NULL, role TEXT NOT NULL, target TEXT NOT NULL, PRIMARY KEY (source, role, target)
) WITHOUT ROWID;
CREATE INDEX pointers_by_target ON pointers (target, role);
CREATE TABLE claims (
  space TEXT NOT NULL, name TEXT NOT NULL, holder TEXT NOT NULL, PRIMARY KEY (space, name)
) WITHOUT ROWID;
CREATE INDEX claims_by_holder ON claims (holder);
CREATE TABLE departures (key TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE seal (digest TEXT NOT NULL);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass
class Row:
    """One resource as the file holds it. ``body`` is its state; fields that start with ``_`` are never shown.

    Until ``ready_at`` (seconds since 1970) the ``operation`` (``Creating``, ``Updating``) is in progress.
    """

    id: str
    token: str
    inputs: dict[str, Any]
    body: dict[str, Any]
    operation: str = ""
    ready_at: float = 0.0
    pointers: list[tuple[str, str]] | None = field(default=None, repr=False)

    @property
    def key(self) -> str:
        return ids.key(self.id)

    @property
    def name(self) -> str:
        return ids.name_of(self.id)

    @property
    def in_progress(self) -> bool:
        return self.ready_at > time.time()


_COLUMNS = "id, token, inputs, body, operation, ready_at"


def _bound(resource_id: str, column: int) -> str:
    """What a sealed value belongs to: it cannot be moved to another resource or column."""
    return f"{resource_id}, {_COLUMNS.split(', ')[column]}"


def _span(prefix: str) -> tuple[str, str]:
    return prefix + "/", prefix + "0"  # "0" follows "/": everything below the prefix, without a scan


class Transaction:
    """What one operation sees and changes; nothing of it is seen by others before it ends."""

    def __init__(self, connection: sqlite3.Connection, seal: Seal) -> None:
        self._sql = connection
        self.seal = seal

    def _row(self, record: tuple[Any, ...]) -> Row:
        inputs, body = (self.seal.open(record[column], _bound(record[0], column)) for column in (2, 3))
        return Row(record[0], record[1], inputs, body, record[4], record[5])

    def get(self, resource_id: str) -> Row | None:
        record = self._sql.execute(
            f"SELECT {_COLUMNS} FROM resources WHERE key = ?",  # noqa: S608 - fixed column names
            (ids.key(resource_id),),
        ).fetchone()
        return self._row(record) if record else None

    def exists(self, resource_id: str) -> bool:
        return bool(self._sql.execute("SELECT 1 FROM resources WHERE key = ?", (ids.key(resource_id),)).fetchone())

    def below(self, resource_id: str) -> list[Row]:
        """Every resource under this one, children and extensions, at any depth."""
        records = self._sql.execute(
            f"SELECT {_COLUMNS} FROM resources WHERE key > ? AND key < ? ORDER BY key",  # noqa: S608
            _span(ids.key(resource_id)),
        )
        return [self._row(record) for record in records.fetchall()]

    def children(self, resource_id: str, kind: str) -> list[Row]:
        """The direct children of one kind, e.g. ``subnets``."""
        depth = len(ids.segments(resource_id)) + 2
        rows = self.below(f"{resource_id}/{kind}")
        return [row for row in rows if len(ids.segments(row.id)) == depth]

    def all(self) -> list[Row]:
        return [self._row(r) for r in self._sql.execute(f"SELECT {_COLUMNS} FROM resources ORDER BY key").fetchall()]  # noqa: S608

    def put(self, row: Row) -> None:
        """Store a resource; its pointers are replaced when given."""
        self._sql.execute(
            "INSERT OR REPLACE INTO resources (key, id, token, inputs, body, operation, ready_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(row.key, row.id, row.token),
                *(self.seal.close(row.inputs, _bound(row.id, 2)), self.seal.close(row.body, _bound(row.id, 3))),
                *(row.operation, row.ready_at),
            ),
        )
        if row.pointers is not None:
            self._sql.execute("DELETE FROM pointers WHERE source = ?", (row.key,))
            self._sql.executemany(
                "INSERT OR IGNORE INTO pointers VALUES (?, ?, ?)",
                [(row.key, role, ids.key(target)) for role, target in row.pointers],
            )

    def remove(self, resource_id: str, until: float = 0.0) -> None:
        """Remove a resource with what it points at and holds; its id stays taken until ``until``."""
        source = ids.key(resource_id)
        self._sql.execute("DELETE FROM resources WHERE key = ?", (source,))
        self._sql.execute("DELETE FROM pointers WHERE source = ?", (source,))
        self._sql.execute("DELETE FROM claims WHERE holder = ?", (source,))
        if until > time.time():
            self._sql.execute("DELETE FROM departures WHERE until < ?", (time.time(),))
            self._sql.execute("INSERT OR REPLACE INTO departures VALUES (?, ?)", (source, until))

    def pointing_at(self, resource_id: str, role: str | None = None) -> list[tuple[str, str]]:
        """(key of the resource, role) of everything that points at this one."""
        sql = "SELECT source, role FROM pointers WHERE target = ?"
        if role is None:
            return self._sql.execute(sql + " ORDER BY source", (ids.key(resource_id),)).fetchall()
        return self._sql.execute(sql + " AND role = ? ORDER BY source", (ids.key(resource_id), role)).fetchall()

    def unpoint(self, source: str, role: str) -> None:
        """Forget what a resource points at in that role."""
        self._sql.execute("DELETE FROM pointers WHERE source = ? AND role = ?", (ids.key(source), role))

    def sources(self, resource_id: str, role: str) -> list[Row]:
        """The resources that point at this one in that role."""
        found = (self.get(source) for source, _ in self.pointing_at(resource_id, role))
        return [row for row in found if row is not None]

    def claim(self, space: str, name: str, holder: str) -> str | None:
        """Take a name in a space (a global name, an address of a subnet). Answers the other holder when it is taken."""
        other = self.holder(space, name)
        if other is not None and other != ids.key(holder):
            return other
        self._sql.execute("INSERT OR REPLACE INTO claims VALUES (?, ?, ?)", (space, name.lower(), ids.key(holder)))
        return None

    def holder(self, space: str, name: str) -> str | None:
        record = self._sql.execute(
            "SELECT holder FROM claims WHERE space = ? AND name = ?", (space, name.lower())
        ).fetchone()
        return record[0] if record else None

    def taken(self, space: str) -> dict[str, str]:
        """Every name that is taken in a space, with its holder."""
        return dict(self._sql.execute("SELECT name, holder FROM claims WHERE space = ?", (space,)).fetchall())

    def release(self, space: str, names: Iterable[str]) -> None:
        self._sql.executemany(
            "DELETE FROM claims WHERE space = ? AND name = ?", [(space, name.lower()) for name in names]
        )

    def setting(self, name: str, default: str) -> str:
        """A choice of whoever seeded the cloud, where Azure's own behaviour is not known for certain."""
        record = self._sql.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return record[0] if record else default

    def set_setting(self, name: str, value: str) -> None:
        self._sql.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, value))

    def busy_until(self, resource_id: str) -> float:
        """When the last operation on this resource, or on anything below it, ends; 0 when none is in progress."""
        scope = ids.key(resource_id)
        low, high = _span(scope)
        newest = self._sql.execute(
            "SELECT MAX(at) FROM ("
            "SELECT MAX(ready_at) AS at FROM resources WHERE key = ? OR (key > ? AND key < ?)"
            " UNION ALL SELECT MAX(until) FROM departures WHERE key = ? OR (key > ? AND key < ?))",
            (scope, low, high, scope, low, high),
        ).fetchone()[0]
        return newest if newest and newest > time.time() else 0.0

    def departed_until(self, resource_id: str) -> float:
        """Until when a deleted id stays taken; 0 when it is free."""
        record = self._sql.execute("SELECT until FROM departures WHERE key = ?", (ids.key(resource_id),)).fetchone()
        return record[0] if record and record[0] > time.time() else 0.0


class Store:
    """One SQLite file, opened by many threads and processes at the same time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = threading.RLock()
        with self._explained():
            # SQLite gives the files beside it (-wal, -shm) the same mode.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._sql = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            try:
                self._seal = self._prepare()
            except BaseException:
                self._sql.close()
                raise

    def _prepare(self) -> Seal:
        self._sql.execute("BEGIN")  # one view, whatever another process does meanwhile
        version, application, tables = (
            self._sql.execute(question).fetchone()[0]
            for question in ("PRAGMA user_version", "PRAGMA application_id", "SELECT COUNT(*) FROM sqlite_master")
        )
        self._sql.execute("COMMIT")
        if tables and application != APPLICATION:
            raise CloudFileError(
                f"'{self.path}' is not a local cloud, or one of an earlier version. It was left as it is: move it "
                "away, or name another file."
            )
        if version not in (0, FORMAT):
            raise CloudFileError(
                f"'{self.path}' has format {version}, this version reads {FORMAT}. It was left as it is. To begin "
                "anew: `bin/local cloud reset --yes`, then `bin/local pulumi refresh --stack local --yes`, which tells "
                "Pulumi's state that everything is gone, then `make up`; for a kept rehearsal, `make rehearse` again."
            )
        if self.path.stat().st_mode & 0o077:
            self.path.chmod(0o600)
        seal = Seal.of(self.path, make=version == 0)
        if version == 0:
            self._make(seal)
        known = self._sql.execute("SELECT digest FROM seal").fetchone()
        if known is None or known[0] != seal.digest("key"):
            raise CloudFileError(
                f"the key beside '{self.path}' is not the one that it was made with. Nothing was changed. Put the "
                "right key back, or forget the cloud with `bin/local cloud reset`."
            )
        # A killed process loses nothing with NORMAL; only a power cut may lose the last operations, and none by half.
        self._sql.execute("PRAGMA synchronous = NORMAL")
        return seal

    def _make(self, seal: Seal) -> None:
        self._sql.execute(f"PRAGMA application_id = {APPLICATION}")
        self._sql.execute("PRAGMA journal_mode = WAL")
        with self._all_or_none("BEGIN IMMEDIATE"):
            if self._sql.execute("PRAGMA user_version").fetchone()[0] == 0:
                for statement in _SCHEMA.split(";"):
                    if statement.strip():
                        self._sql.execute(statement)
                self._sql.execute("INSERT INTO seal VALUES (?)", (seal.digest("key"),))
                self._sql.execute(f"PRAGMA user_version = {FORMAT}")

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """One transaction: all of it, or none of it when it raises. CloudFileError when the file cannot be written."""
        with self._lock, self._explained(), self._all_or_none("BEGIN IMMEDIATE"):
            yield Transaction(self._sql, self._seal)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One consistent view of everything. CloudFileError when the file cannot be read."""
        with self._lock, self._explained(), self._all_or_none("BEGIN"):
            yield Transaction(self._sql, self._seal)

    @contextmanager
    def _all_or_none(self, begin: str) -> Iterator[None]:
        self._sql.execute(begin)
        try:
            yield
            self._sql.execute("COMMIT")
        except BaseException:
            if self._sql.in_transaction:  # a full disk has ended it already
                self._sql.execute("ROLLBACK")
            raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turns SQLite's errors into what a person can act on."""
        try:
            yield
        except sqlite3.Error as problem:
            code = getattr(problem, "sqlite_errorcode", 0) & 0xFF  # the rest is detail
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                message = (
                    f"'{self.path}' is not a local cloud, or is damaged ({problem}). It was left as it is: put a copy "
                    "in its place, or move it away and begin anew."
                )
            elif code in _NOT_WRITABLE:
                message = (
                    f"'{self.path}' cannot be written ({problem}). This operation was not done; what was done before "
                    "is kept. Look at the disk's free space and the file's permissions, then run the command again."
                )
            elif code == sqlite3.SQLITE_BUSY:
                message = f"'{self.path}' is held by another process for {_BUSY_SECONDS:g} s; run the command again."
            else:
                raise
            raise CloudFileError(message) from None

    def close(self) -> None:
        with self._lock:
            self._sql.close()


def is_local_cloud(path: Path) -> bool:
    """Whether a file says of itself that it is a local cloud, of any version; a missing or an empty one is none."""
    try:
        with path.open("rb") as file:
            header = file.read(72)
    except FileNotFoundError:
        return False
    return header[:16] == b"SQLite format 3\0" and header[68:72] == APPLICATION.to_bytes(4, "big")
