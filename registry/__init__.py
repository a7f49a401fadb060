"""Who is who, and what they have achieved."""
