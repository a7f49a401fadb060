"""The command line: the only user of main besides the server."""
