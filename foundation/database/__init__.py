"""The engine, the embedded server, migrations, roles."""
