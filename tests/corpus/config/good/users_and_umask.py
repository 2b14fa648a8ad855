# case: user and group by name and by number, umask as a number
import grp
import os
import pwd

user = pwd.getpwuid(os.geteuid()).pw_name  #: user
group = grp.getgrgid(os.getegid()).gr_gid  #: group
umask = 0o027  #: umask
initgroups = False  #: initgroups
