"""The object store: a folder or a bucket. The only package that imports obstore."""

from hinode.storage.errors import ObjectMissing, StorageError
from hinode.storage.factory import open_store
from hinode.storage.store import ObjectStore, StoredObject

__all__ = ["ObjectMissing", "ObjectStore", "StorageError", "StoredObject", "open_store"]
