"""What makes a certificate prove itself: signed statements, QR tokens, sealed PDFs. No tables, no requests."""
