"""What a language model adds: words for what was computed, and proposals that are tried like any other. It gets facts
that the redactor has passed, and nothing that it says decides anything."""

from __future__ import annotations

from aegis.investigate.explain.explainer import Explainer

__all__ = ["Explainer"]
