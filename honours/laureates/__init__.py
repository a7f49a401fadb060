"""劳模档案: the model worker's file, treatment, allowances, activities and what falls due (H73–H74)."""
