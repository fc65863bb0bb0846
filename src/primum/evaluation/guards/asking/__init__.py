"""Guards that ask the models before and after: what is asked, and what came of it as rows."""
