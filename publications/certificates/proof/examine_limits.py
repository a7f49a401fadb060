"""What an upload may be at most; apart from the examination, so that the site need not load a PDF library."""

LARGEST = 10 << 20
