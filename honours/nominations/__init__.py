"""推荐申报: the dossier, its materials, the democratic vote, clearances and veto facts (H30–H63)."""
