# expect: id=mixed_case_scheme_header 3:25 warning
# pending: rules between settings
secure_scheme_headers = {"X-Forwarded-Proto": "https"}
