"""Sweeps: small grids of the user's own training, run within a budget and safe against crashes."""
