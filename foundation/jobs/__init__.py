"""Long work: enqueued with the write that asks for it, watched by a person."""
