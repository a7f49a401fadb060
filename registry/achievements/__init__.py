"""业绩: what a person or a unit has achieved, as the areas established it: the way news travels between areas."""
