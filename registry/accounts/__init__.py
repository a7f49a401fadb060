"""账号: accounts, roles, sign-in."""
