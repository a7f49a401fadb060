"""申报与命名: programmes with their scoring tables, applications, site visits, naming (T1–T7)."""
