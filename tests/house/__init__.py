"""The rules of the house, each a test: what a reviewer should not have to say twice."""
