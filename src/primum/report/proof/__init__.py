"""How a report shows the proof: verdict, judges, guards, hashes."""
