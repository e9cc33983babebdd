"""Results shown: tables, figures, documents. Pure functions of a result; faces only place them."""
