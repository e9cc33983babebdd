"""Rare-earth solvent extraction: circuits solved from chemistry, flows and equipment."""

__version__ = "0.1.0"
