"""How well reports find their groups, on traces whose groups are known."""
