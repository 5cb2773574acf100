"""Forecasts of runs that have not been made, with intervals tested on runs that have."""
