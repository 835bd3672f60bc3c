"""Read-only access to warehouses."""

from aegis.warehouse.base import Rows, Warehouse

__all__ = ["Rows", "Warehouse"]
