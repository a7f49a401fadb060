"""证书: wording, numbering, issue, verification."""
