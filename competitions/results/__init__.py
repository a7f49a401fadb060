"""成绩: confirmation, publication and withdrawal, the public pages, the live board."""
