"""What measures the server."""
