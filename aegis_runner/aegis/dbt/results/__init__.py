"""What a run gave: results, findings, and which rules were asked and gave none."""
