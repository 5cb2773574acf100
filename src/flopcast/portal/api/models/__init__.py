"""What the API answers, as typed models from which its OpenAPI document is made."""
