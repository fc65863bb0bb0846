"""Judges that did not make the pairs: what they share with the teacher, how far to trust them."""
