"""Design: from what must come out to the circuit that does it at least cost, and to the order of cuts."""
