"""在册管理: the studio's life after its naming: assessment, rectification, renewal, upgrade, withdrawal (T4, T8, T9)."""
