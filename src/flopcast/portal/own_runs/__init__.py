"""Your own runs: a table that a visitor brings, fitted and forecast; kept only if asked for."""
