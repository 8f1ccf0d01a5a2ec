"""Turns a log into templates, spikes and a first look."""
