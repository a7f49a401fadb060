"""What leaves the house under the union's seal."""
