# case: tabs, form feeds and lines with nothing but blanks
if True:
	workers = 2  #: workers
	if workers:
		timeout = 36  #: timeout
		

def on_exit(server):  #: on_exit
	server.log.info(	"bye"	)
   
keepalive	=	3	#: keepalive
