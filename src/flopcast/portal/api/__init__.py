"""The API: the catalogue and the library's answers as JSON, pictures and an OpenAPI document."""
