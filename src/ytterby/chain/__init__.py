"""The supply chain: who makes what from what, and what a customer's wish asks of everyone before."""
