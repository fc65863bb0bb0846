"""One optimizer step: dealt to ranks and micro-batches, and the same however it is dealt."""
