"""What can go wrong with the record."""

from __future__ import annotations

from locust_tui.errors import LocustTuiError, RefusedError


class StoreError(LocustTuiError):
    """The record could not be read or written; nothing of the call was kept."""

    exit_code = 5


class StoreLockedError(StoreError):
    """Another process has the record open for writing."""


class RecordMovedError(StoreError):
    """The database is no longer the file of its name: it was moved, replaced or removed."""


class UnknownEventError(StoreError):
    """The log holds a kind of event that this version does not know."""


class SchemaError(RefusedError):
    """The record was written by a newer version than this one."""


class FolderError(RefusedError):
    """The state folder is not safe to use; nothing was written."""
