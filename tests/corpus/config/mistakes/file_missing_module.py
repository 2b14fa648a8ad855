# expect: GCF004 2:1 error
import no_such_module_of_the_corpus

workers = 2
