"""代码: the code tables and identity numbers of chapter 5 of the domain rules (I1 to I7), pure and without a database."""
