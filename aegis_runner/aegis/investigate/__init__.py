"""From findings to causes: evidence, where each fault began, and what was tried. The one room that knows LangGraph."""
