# case: a logger class of the project is named by its path
accesslog = "-"  #: accesslog
logger_class = "weblogs.JsonLogger"  #: logger_class
