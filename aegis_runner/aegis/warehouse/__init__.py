"""Read-only access to warehouses, and private copies of tables to try changes on."""

from aegis.warehouse.base import Relation, Rows, Sandbox, SandboxLimits, SandboxSession, Warehouse

__all__ = ["Relation", "Rows", "Sandbox", "SandboxLimits", "SandboxSession", "Warehouse"]
