# case: a latin-1 file that says so (PEP 263)
# -*- coding: latin-1 -*-
# Gäste und Läden
gäste = "Jürgen"
workers = len(gäste) // 3  #: workers
proc_name = "läden"  #: proc_name
