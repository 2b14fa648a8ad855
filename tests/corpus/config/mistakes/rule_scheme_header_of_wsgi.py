# expect: id=useless_scheme_header 2:25 warning
secure_scheme_headers = {"HTTP_X_FORWARDED_PROTO": "https"}
