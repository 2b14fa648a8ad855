# case: names and texts beyond ASCII, full-width letters that Python folds
größe = 2
名前 = "läden"
workers = größe  #: workers
proc_name = 名前 + "-π"  #: proc_name
ｔｉｍｅｏｕｔ = 37  #: timeout
# комментарий без значения
