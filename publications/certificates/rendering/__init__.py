"""The WeasyPrint worker process: from a plain struct to a PDF."""
