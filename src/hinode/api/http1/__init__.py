"""HTTP/1.1 on a connection: uvicorn's protocol within bounds of heads, bodies and connections."""
