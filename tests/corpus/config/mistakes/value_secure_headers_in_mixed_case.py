# expect: nothing
secure_scheme_headers = {"X-Forwarded-Proto": "https"}
