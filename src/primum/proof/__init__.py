"""What proves beside a run: answers from anywhere, people's labels, figures computed once more."""
