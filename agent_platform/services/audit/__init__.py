"""Who did what, in a chain that shows tampering."""

from agent_platform.services.audit._chain import list_entries, record, verify_chain

__all__ = ["list_entries", "record", "verify_chain"]
