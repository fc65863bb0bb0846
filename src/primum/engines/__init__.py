"""Engines: where a model runs, from chat messages to answers, choices and hidden states."""
