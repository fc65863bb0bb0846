"""From a preference data set to what each optimizer step forwards."""
