"""The parts of ``make bench``: a load generator, real servers to drive, and what is measured."""
