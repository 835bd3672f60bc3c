"""Frozen models that the rooms hand to each other. No I/O here, and nothing imported but pydantic."""
