"""业绩: what a person or unit has achieved, written by the areas above."""
