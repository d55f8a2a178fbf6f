"""Who may do what in justice, judged by values alone."""
