"""Secrets with values that nobody else writes, sent down every path of the product, and looked for in every byte."""
