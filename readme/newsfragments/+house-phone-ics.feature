The calendar file of a mail names the telephone numbers that the mail names.
