"""Database products, one file each."""
