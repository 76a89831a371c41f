"""The OpenAPI document of the service, made of its own table of routes and of what each view declares."""
