"""荣誉目录: the titles by level and kind, who confers them and what goes with them (H1–H4, H72)."""
