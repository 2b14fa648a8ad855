# case: a while loop that searches, and an else of a for
limit = 1
while limit < 100:
    limit *= 3
limit_request_fields = limit  #: limit_request_fields

for size in (1000, 2000):
    if size > 5000:
        break
else:
    limit_request_field_size = 4000  #: limit_request_field_size
