"""Official documents (公文): composed on the grid of GB/T 9704, numbered at issue, frozen as bytes."""
