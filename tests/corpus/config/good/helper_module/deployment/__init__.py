"""Where this project runs."""

ADDRESS = "127.0.0.1:8016"
