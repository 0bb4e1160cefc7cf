"""What people see: the command line, its tables and its pictures. Nothing is computed here."""
