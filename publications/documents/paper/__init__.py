"""The paper of a document: laid out in rows and cells, set in a sealed process, or written for a word processor."""
