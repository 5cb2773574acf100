"""Studies of sweeps, shown from their folders: read only, without a path of the machine."""
