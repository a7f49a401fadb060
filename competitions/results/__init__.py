"""成绩: confirmation, publication, live board, awards."""
