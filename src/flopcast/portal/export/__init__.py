"""The whole portal as files, for any web host: it outlives the server."""
