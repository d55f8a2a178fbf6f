"""The desk: where the market's staff approve, look up, repair. Nobody else finds it, and every deed is logged."""
